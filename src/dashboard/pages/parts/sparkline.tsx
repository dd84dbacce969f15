const [WIDTH, HEIGHT] = [100, 24]

/** The last minute as a line, without figures: those stand beside it, and in the chart's table. */
export function Sparkline({
  values,
  length,
  colour,
}: {
  readonly values: readonly number[]
  /** How many values fill the width. */
  readonly length: number
  readonly colour: string
}) {
  if (values.length < 2) return <svg class="sparkline" aria-hidden="true" />
  const most = Math.max(...values, 1e-9)
  const step = WIDTH / (length - 1)
  const from = WIDTH - (values.length - 1) * step
  const points = values.map(
    (value, nth) => `${round(from + nth * step)},${round(HEIGHT - 1 - (value / most) * (HEIGHT - 3))}`,
  )
  return (
    <svg
      class={`sparkline ${colour}`}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <polygon points={`${round(from)},${HEIGHT} ${points.join(' ')} ${WIDTH},${HEIGHT}`} />
      <polyline points={points.join(' ')} />
    </svg>
  )
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
