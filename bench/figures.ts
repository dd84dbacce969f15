/** The middle one; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]]
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2
}

/** The smallest value that this share of the values does not exceed. @param sorted - Ascending. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

/** For people, and the same on every machine; a dash for what there is none of. */
export function show(value: number, decimals = 0, unit = ''): string {
  if (Number.isNaN(value)) return '–'
  const options = { minimumFractionDigits: decimals, maximumFractionDigits: decimals }
  return value.toLocaleString('en-US', options) + unit
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** Each value to the one that was measured beside it. */
export function ratiosOf(values: readonly number[], references: readonly number[]): number[] {
  return values.map((value, index) => value / (references[index] ?? Number.NaN))
}

/** The median, with the lowest and the highest in brackets. */
export function showRange(values: readonly number[], decimals: number): string {
  const [lowest, highest] = [Math.min(...values), Math.max(...values)]
  return `${show(median(values), decimals)} (${show(lowest, decimals)} to ${show(highest, decimals)})`
}
