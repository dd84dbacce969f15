/*
 * Figures for people, each with its unit. What stands between the two keeps them on one line.
 */

/** Stands where there is nothing to say. */
export const NOTHING = '–'

const NARROW = '\u00a0'
const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const THREE_DIGITS = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })

/** `12,345`, and from a million on `1.23 M`. */
export function count(value: number): string {
  if (value < 1e6) return WHOLE.format(value)
  return value < 1e9
    ? `${THREE_DIGITS.format(value / 1e6)}${NARROW}M`
    : `${THREE_DIGITS.format(value / 1e9)}${NARROW}G`
}

/** `3 keys`, `1 key`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)}${NARROW}${value === 1 ? one : many}`
}

/** How often in a second, without the unit. */
export function perSecond(value: number): string {
  if (value === 0) return '0'
  if (value < 0.1) return '<0.1'
  return value < 100 ? THREE_DIGITS.format(Math.round(value * 10) / 10) : count(Math.round(value))
}

export function percent(part: number, whole: number): string {
  if (whole === 0) return NOTHING
  const value = (part / whole) * 100
  // Rounding must not say that nothing is missing.
  if (value > 99.9 && value < 100) return `99.9${NARROW}%`
  return `${value.toFixed(1)}${NARROW}%`
}

export function bytes(value: number | null): string {
  if (value === null) return NOTHING
  if (value < 1000) return `${WHOLE.format(value)}${NARROW}B`
  const units = ['kB', 'MB', 'GB', 'TB']
  let [scaled, unit] = [value / 1000, 0]
  while (scaled >= 999.5 && unit < units.length - 1) [scaled, unit] = [scaled / 1000, unit + 1]
  return `${THREE_DIGITS.format(scaled)}${NARROW}${units[unit]}`
}

/** What takes moments: `0.21 ms`, `12 ms`, `1.3 s`. */
export function latency(ms: number | null): string {
  if (ms === null) return NOTHING
  if (ms === 0) return `0${NARROW}ms`
  if (ms < 0.01) return `<0.01${NARROW}ms`
  if (ms < 10) return `${THREE_DIGITS.format(Math.round(ms * 100) / 100)}${NARROW}ms`
  return ms < 1000 ? `${WHOLE.format(ms)}${NARROW}ms` : `${THREE_DIGITS.format(ms / 1000)}${NARROW}s`
}

const STEPS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const

/** What takes a while, in its two greatest units: `3 h 12 min`. */
export function duration(ms: number): string {
  if (ms < 1000) return ms <= 0 ? `0${NARROW}s` : `${Math.ceil(ms)}${NARROW}ms`
  let rest = Math.floor(ms / 1000)
  const first = STEPS.findIndex(([, seconds]) => rest >= seconds)
  const parts: string[] = []
  for (const [unit, seconds] of STEPS.slice(first, first + 2)) {
    const amount = Math.floor(rest / seconds)
    rest -= amount * seconds
    if (amount > 0) parts.push(`${amount}${NARROW}${unit}`)
  }
  return parts.join(NARROW)
}

/** The time of day, as this machine's clock has it: `09:41:07`. */
export function clock(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB')
}

/** Without seconds. */
export function clockMinutes(at: number): string {
  return clock(at).slice(0, 5)
}
