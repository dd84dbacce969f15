const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

/** `75 B`, `1.2 kB`, `64 MB`: thousands, as Redis and most of npm count. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1_000
    unit += 1
  }
  return `${unit > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${BYTE_UNITS[unit]}`
}

/** The two largest units: `9m 58s`, `2h`, `350ms`. */
export function formatDuration(ms: number): string {
  if (ms < SECOND_MS) return `${Math.max(0, Math.round(ms))}ms`
  const whole = Math.round(ms / SECOND_MS) * SECOND_MS
  const parts = [
    [Math.floor(whole / DAY_MS), 'd'],
    [Math.floor((whole % DAY_MS) / HOUR_MS), 'h'],
    [Math.floor((whole % HOUR_MS) / MINUTE_MS), 'm'],
    [Math.floor((whole % MINUTE_MS) / SECOND_MS), 's'],
  ] as const
  const first = parts.findIndex(([count]) => count > 0)
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count}${unit}`)
    .join(' ')
}

/** Of a request: `0.4`, `12`, `1,250`, without the unit; `–` for nothing measured. */
export function formatMs(ms: number | null): string {
  if (ms === null) return '–'
  return ms < 9.95 ? ms.toFixed(1) : formatCount(Math.round(ms))
}

/** `12,345`, in whatever language the machine is set. */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(?:\d{3})+$)/g, ',')
}

/** A second: `0.4`, `12`, `1,250`. */
export function formatRate(perSecond: number): string {
  if (perSecond === 0) return '0'
  return perSecond < 9.95 ? perSecond.toFixed(1) : formatCount(perSecond)
}

/** `75.0%`; `–` where there is nothing to be a share of. Never 100% or 0% of what is not quite that. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return '–'
  const percent = (100 * part) / whole
  if (part < whole && percent > 99.9) return '99.9%'
  if (part > 0 && percent < 0.1) return '0.1%'
  return `${percent.toFixed(1)}%`
}

/** `1 key`, `2 keys`, `1,000 entries`. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : several}`
}
