import type { Note } from './note.js'

/** What the panels have said since a write. */
export interface AfterWrite {
  readonly round: number
  /** What was written, in words. */
  readonly done: string
  readonly misses: readonly string[]
  readonly hits: readonly string[]
  readonly others: readonly string[]
}

export function afterWrite(round: number, done: string): AfterWrite {
  return { round, done, misses: [], hits: [], others: [] }
}

/** Adds the first answer that a panel has had in this round; later ones say nothing of the write. */
export function withAnswer(after: AfterWrite, what: string, { outcome }: Note): AfterWrite {
  if ([...after.misses, ...after.hits, ...after.others].includes(what)) return after
  if (outcome === 'MISS') return { ...after, misses: [...after.misses, what] }
  if (outcome === 'HIT') return { ...after, hits: [...after.hits, what] }
  return { ...after, others: [...after.others, what] }
}
