import type { ComponentChildren } from 'preact'

/** One figure, large, with what it is above it and more of it below. */
export function Tile({
  label,
  value,
  unit,
  children,
  chart,
  isMain = false,
}: {
  readonly label: string
  readonly value: string
  readonly unit?: string
  readonly children?: ComponentChildren
  readonly chart?: ComponentChildren
  readonly isMain?: boolean
}) {
  return (
    <div class={isMain ? 'tile tile-main' : 'tile'}>
      <dt>{label}</dt>
      <dd>
        <span class="tile-value">
          {value}
          {unit && <span class="unit">{unit}</span>}
        </span>
        {children && <span class="tile-more">{children}</span>}
      </dd>
      {chart}
    </div>
  )
}
