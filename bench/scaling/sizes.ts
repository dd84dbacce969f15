/** Members of a fleet, each time more. */
export const SIZES = [5, 10, 25, 50, 100, 200]
/** A machine that has two cores has no use for more. */
export const PROCESSES = 4

/** How fast something grows with the members: 0 not at all, 1 as they do, 2 as their square. Least squares of logarithms. */
export function growthOf(points: readonly (readonly [members: number, value: number])[]): number {
  const logs = points.filter(([, value]) => value > 0).map(([x, y]) => [Math.log(x), Math.log(y)] as const)
  const mean = (at: 0 | 1) => logs.reduce((sum, point) => sum + point[at], 0) / logs.length
  const [meanX, meanY] = [mean(0), mean(1)]
  const both = logs.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0)
  return both / logs.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
}
