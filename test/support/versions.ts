/** Versions of what an eviction names, by the text in its event. */
export type Versions = ReadonlyMap<string, number>

/**
 * A database in which every write makes a new version, and an account of which ones a reader may still see.
 *
 * Reads that began after an eviction was acknowledged must not show anything from before the write.
 */
export class VersionHistory {
  readonly #current = new Map<string, number>()
  readonly #acknowledged = new Map<string, number>()

  current(target: string): number {
    return this.#current.get(target) ?? 0
  }

  /** Writes what the targets cover. @returns The versions that are evicted for. */
  write(targets: readonly string[]): Versions {
    const written = new Map(targets.map((target) => [target, this.current(target) + 1]))
    raise(this.#current, written)
    return written
  }

  acknowledge(versions: Versions): void {
    raise(this.#acknowledged, versions)
  }

  /** The oldest version that a read may show which begins now. */
  oldest(target: string): number {
    return this.#acknowledged.get(target) ?? 0
  }
}

export function raise(versions: Map<string, number>, to: Versions): void {
  for (const [target, version] of to) versions.set(target, Math.max(version, versions.get(target) ?? 0))
}
