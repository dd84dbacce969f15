/** Bars in groups, e.g. subjects at 600 B and 12 kB. */
export interface BarChart {
  readonly kind: 'bars'
  readonly title: string
  readonly unit: string
  readonly groups: readonly BarGroup[]
}

export interface BarGroup {
  readonly name: string
  readonly bars: readonly Bar[]
}

export interface Bar {
  readonly name: string
  readonly value: number
  /** The lowest and the highest round, drawn as a whisker. */
  readonly low?: number
  readonly high?: number
}

/** Curves, e.g. messages as a function of members. */
export interface LineChart {
  readonly kind: 'lines'
  readonly title: string
  readonly x: Axis
  readonly y: Axis
  readonly lines: readonly Line[]
}

export interface Axis {
  readonly name: string
  /** Leaves out what is not above 0. */
  readonly isLog?: boolean
}

export interface Line {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

export type Chart = BarChart | LineChart
