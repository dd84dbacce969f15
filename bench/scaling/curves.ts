import { show } from '../figures.js'
import type { LineChart } from '../pictures/chart.js'
import { tableOf } from '../table.js'

/** Members of a fleet, each time more. */
export const SIZES = (process.env.SIZES ?? '5,10,25,50,100,200').split(',').map(Number)

/** One figure of a fleet, by how many members it has. */
export interface Curve {
  readonly name: string
  readonly decimals?: number
  readonly points: readonly (readonly [members: number, value: number])[]
}

/** A curve of each figure of the rows. */
export function curvesOf<Row extends { readonly members: number }>(
  rows: readonly Row[],
  figures: Readonly<Record<string, (row: Row) => number>>,
  decimals = 0,
): Curve[] {
  return Object.entries(figures).map(([name, figure]) => {
    return { name, decimals, points: rows.map((row) => [row.members, figure(row)] as const) }
  })
}

export function curveTable(curves: readonly Curve[]): string {
  const sizes = curves[0]?.points.map(([members]) => members) ?? []
  return tableOf(
    ['members', ...sizes.map((size) => show(size)), 'grows as members to the power of'],
    curves.map((curve) => [
      curve.name,
      ...curve.points.map(([, value]) => show(value, curve.decimals)),
      show(growthOf(curve.points), 2),
    ]),
  )
}

export function curveChart(title: string, unit: string, curves: readonly Curve[]): LineChart {
  return {
    ...{ kind: 'lines', title, x: { name: 'members', isLog: true }, y: { name: unit, isLog: true } },
    lines: curves.map(({ name, points }) => ({ name, points })),
  }
}

/** The exponent by which something grows with the members, from ten of them on: least squares of the logarithms. */
function growthOf(points: Curve['points']): number {
  const logs = points
    .filter(([members, value]) => members >= 10 && value > 0)
    .map(([members, value]) => [Math.log(members), Math.log(value)] as const)
  const mean = (at: 0 | 1) => logs.reduce((sum, point) => sum + point[at], 0) / logs.length
  const [meanX, meanY] = [mean(0), mean(1)]
  const product = logs.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0)
  return product / logs.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
}
