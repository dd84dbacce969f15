import { parseDictionary } from 'structured-headers'
import { textOf } from './field-values.js'

/** The directives of a `Cache-Control` field and their values, names in lower case. */
export type CacheControl = ReadonlyMap<string, unknown>

const NONE: CacheControl = new Map()

/** Reads a `Cache-Control` field (RFC 9111, section 5.2); `null` if it cannot be read. */
export function parseCacheControl(field: unknown): CacheControl | null {
  if (field === undefined) return NONE
  try {
    const text = textOf(field).toLowerCase()
    const directives = parseDictionary(text)
    // RFC 9111, section 4.2.1: a directive given twice makes the answer stale. The parser keeps the last only.
    if (directives.size < (text.match(/(?:"(?:\\.|[^"\\])*"|[^",])+/g)?.length ?? 0)) return null
    // RFC 9111, section 5.2: a directive has no parameters. What stands behind a semicolon may have been meant as one.
    if ([...directives.values()].some(([, parameters]) => parameters.size > 0)) return null
    return new Map([...directives].map(([name, [value]]) => [name, value]))
  } catch {
    return null
  }
}

/** For how long an answer may live, in milliseconds: `s-maxage`, else `max-age` (RFC 9111, section 4.2.1). */
export function lifetimeMsOf(directives: CacheControl): number | undefined {
  for (const name of ['s-maxage', 'max-age']) {
    if (!directives.has(name)) continue
    const seconds = Number(directives.get(name))
    // RFC 9111, section 4.2.1: what cannot be read counts as stale.
    return Number.isFinite(seconds) ? Math.floor(seconds * 1_000) : 0
  }
  return undefined
}

/** Whether a stored answer may not be served once it is stale (RFC 9111, section 4.2.4). */
export function forbidsStale(field: unknown): boolean {
  const directives = parseCacheControl(field) ?? new Map()
  return ['must-revalidate', 'proxy-revalidate', 's-maxage'].some((name) => directives.has(name))
}
