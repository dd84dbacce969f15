/** An entry in line. */
export interface Queued {
  readonly key: string
  readonly bytes: number
  /** How often it was used lately, as far as its policy counts. */
  uses: number
  newer: Queued | undefined
  older: Queued | undefined
}

/** Entries in the order in which they came, each of which may leave. */
export class Queue {
  newest: Queued | undefined
  oldest: Queued | undefined
  bytes = 0

  push(entry: Queued): void {
    entry.older = this.newest
    entry.newer = undefined
    if (this.newest) this.newest.newer = entry
    else this.oldest = entry
    this.newest = entry
    this.bytes += entry.bytes
  }

  remove(entry: Queued): void {
    if (entry.newer) entry.newer.older = entry.older
    else this.newest = entry.older
    if (entry.older) entry.older.newer = entry.newer
    else this.oldest = entry.newer
    this.bytes -= entry.bytes
  }
}

export function queued(key: string, bytes: number): Queued {
  return { key, bytes, uses: 0, newer: undefined, older: undefined }
}
