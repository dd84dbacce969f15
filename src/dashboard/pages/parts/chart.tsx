import { useEffect, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import { clock, clockMinutes } from '../format.js'
import { useColourChanges } from '../theme.js'

interface ChartSeries {
  readonly label: string
  /** A class that sets `color`. */
  readonly colour: string
  readonly values: readonly (number | null)[]
  /** What is drawn where it differs from what is said, as in a stack. */
  readonly drawn?: readonly (number | null)[]
  readonly isFilled?: boolean
  readonly dash?: readonly number[]
}

interface ChartProps {
  readonly title: string
  /** All of it in a sentence, for those who do not see it. */
  readonly summary: string
  /** Milliseconds since 1970. */
  readonly times: readonly number[]
  readonly series: readonly ChartSeries[]
  readonly format: (value: number) => string
  readonly isLogarithmic?: boolean
}

const HEIGHT = 190
/** What has just begun is not drawn as if it were an hour. */
const LEAST_SPAN_MS = 300_000

/** Figures over the last hour. Below it stands what the lines are, with the newest figure or the one under the pointer. */
export function Chart({ title, summary, times, series, format, isLogarithmic = false }: ChartProps) {
  const room = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const [pointed, setPointed] = useState<number | null>(null)
  const colours = useColourChanges()
  const data = [times, ...series.map(({ drawn, values }) => drawn ?? values)] as uPlot.AlignedData
  const shape = series.map(({ label }) => label).join()

  // New data is given to the plot that is there; other colours and other lines need a new one.
  useEffect(() => {
    const element = room.current
    if (!element) return
    const made = new uPlot(optionsOf(element, series, format, isLogarithmic, setPointed), data, element)
    plot.current = made
    const observer = new ResizeObserver(() => {
      made.setSize({ width: element.clientWidth, height: HEIGHT })
    })
    observer.observe(element)
    return () => {
      observer.disconnect()
      made.destroy()
      plot.current = null
    }
  }, [colours, shape, isLogarithmic])

  useEffect(() => {
    plot.current?.setData(data)
  }, [times.at(-1), times.length])

  const at = pointed ?? times.length - 1
  return (
    <figure class="chart">
      <figcaption>
        <h3>{title}</h3>
        <span class="chart-time" aria-hidden="true">
          {times[at] === undefined ? '' : clock(times[at])}
        </span>
      </figcaption>
      <div class="chart-room" ref={room} role="img" aria-label={`${title}. ${summary}`} />
      <ul class="legend" aria-hidden="true">
        {series.map(({ label, colour, values, dash }) => (
          <li key={label}>
            <i class={`swatch ${colour} ${dash ? 'swatch-dashed' : ''}`} />
            {label} <b>{sayable(values[at], format)}</b>
          </li>
        ))}
      </ul>
    </figure>
  )
}

function sayable(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? '–' : format(value)
}

function optionsOf(
  element: HTMLElement,
  series: readonly ChartSeries[],
  format: (value: number) => string,
  isLogarithmic: boolean,
  onPoint: (index: number | null) => void,
): uPlot.Options {
  const [text, grid] = [colourOf(element, 'chart-text'), colourOf(element, 'chart-grid')]
  const axis = {
    stroke: text,
    font: '11px system-ui, sans-serif',
    grid: { stroke: grid, width: 1 },
    ticks: { show: false },
  }
  return {
    width: element.clientWidth,
    height: HEIGHT,
    ms: 1,
    padding: [8, 22, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
    scales: {
      x: { time: true, range: (_, from, to) => [Math.min(from, to - LEAST_SPAN_MS), to] },
      y: isLogarithmic ? { distr: 3 } : { range: (_, __, most) => [0, Math.max(most * 1.1, 1)] },
    },
    axes: [
      { ...axis, size: 26, values: (_, splits) => splits.map(clockMinutes), space: 60 },
      {
        ...axis,
        size: 56,
        ...(isLogarithmic && { grid: { ...axis.grid, filter: tensOnly } }),
        values: (_, splits) => splits.map((value) => (value === null ? '' : format(value))),
      },
    ],
    series: [
      {},
      ...series.map(({ label, colour, isFilled, dash }): uPlot.Series => {
        const stroke = colourOf(element, colour)
        return {
          label,
          stroke,
          width: 1.5,
          spanGaps: true,
          points: { show: false },
          ...(isFilled && { fill: colourOf(element, `${colour}-fill`) }),
          ...(dash && { dash: [...dash] }),
        }
      }),
    ],
    hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)] },
  }
}

/** A logarithmic scale has ten lines where one says enough. */
function tensOnly(_: uPlot, splits: readonly number[]): (number | null)[] {
  return splits.map((value) => (Number.isInteger(Math.round(Math.log10(value) * 1e6) / 1e6) ? value : null))
}

/** The colour that a class gives: a canvas knows no classes. */
function colourOf(element: HTMLElement, name: string): string {
  const probe = document.createElement('i')
  probe.className = name
  element.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}
