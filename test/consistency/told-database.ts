import type { Database } from './database.js'

interface Seen {
  readonly version: number
  readonly atMs: number
}

/**
 * A database as a process with copies of its own sees it: what this process has acknowledged counts at once, what
 * others have, once word of it must have come.
 */
export class ToldDatabase implements Database {
  readonly #database: Database
  readonly #toldWithinMs: number
  readonly #own = new Map<string, number>()
  /** Of all processes, the oldest first. */
  readonly #seen = new Map<string, Seen[]>()

  constructor(database: Database, toldWithinMs: number) {
    this.#database = database
    this.#toldWithinMs = toldWithinMs
  }

  async acknowledgedOf(row: string): Promise<number> {
    const version = await this.#database.acknowledgedOf(row)
    const nowMs = performance.now()
    const seen = this.#seen.get(row) ?? []
    this.#seen.set(row, seen)
    if (seen.at(-1)?.version !== version) seen.push({ version, atMs: nowMs })
    const isTold = ({ atMs }: Seen) => atMs <= nowMs - this.#toldWithinMs
    while (seen[1] && isTold(seen[1])) seen.shift()
    const [oldest] = seen
    return Math.max(this.#own.get(row) ?? 0, oldest && isTold(oldest) ? oldest.version : 0)
  }

  async acknowledge(row: string, version: number): Promise<void> {
    await this.#database.acknowledge(row, version)
    this.#own.set(row, Math.max(version, this.#own.get(row) ?? 0))
  }

  versionOf(row: string): Promise<number> {
    return this.#database.versionOf(row)
  }

  write(row: string): Promise<number> {
    return this.#database.write(row)
  }

  clear(): Promise<void> {
    return this.#database.clear()
  }

  close(): Promise<void> {
    return this.#database.close()
  }
}
