/** Reads, by how they were answered; `nothing` is a look that found no value, so that there was no answer. */
export const READS = ['near', 'hit', 'stale', 'joined', 'loaded', 'alone', 'nothing'] as const
/** Writes, by how the cache got to know of them. */
export const WRITES = ['key', 'pattern', 'glob', 'tag', 'event', 'put', 'set'] as const
/** What else happened. */
const OTHERS = [
  'warmed',
  'abandoned',
  'fills',
  'refusedFills',
  'refusedPuts',
  // Writes whose eviction was kept, those of them by a process that alone could not reach Redis, and the answers
  // that were older than these, within the bound that is stated for it.
  'kept',
  'keptAlone',
  'oldInBound',
] as const

const NAMES = [...READS, ...WRITES, ...OTHERS]

export type CountName = (typeof NAMES)[number]
export type WriteKind = (typeof WRITES)[number]

/** How often each has happened. */
export type Counts = Record<CountName, number>

export function noCounts(): Counts {
  return Object.fromEntries(NAMES.map((name) => [name, 0])) as Counts
}

export function addTo(total: Counts, more: Counts): void {
  for (const name of NAMES) total[name] += more[name]
}

export function sum(counts: Counts, names: readonly CountName[]): number {
  return names.reduce((total, name) => total + counts[name], 0)
}

/** Answers that came from what somebody else had loaded: only they can be stale. */
export function cachedAnswers(counts: Counts): number {
  return sum(counts, ['near', 'hit', 'stale', 'joined'])
}

/** What a race is measured in. */
export function operations(counts: Counts): number {
  return sum(counts, [...READS, ...WRITES])
}
