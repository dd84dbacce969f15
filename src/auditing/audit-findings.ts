/** An entry that an audit has found to be stale. */
export interface AuditFinding {
  /** The route, the method or the call whose entry it is. */
  readonly rule: string
  readonly key: string
  /** Names of the fields in which it differs from what its handler answers; `(status)`, `(content type)`, `(body)`. */
  readonly fields: readonly string[]
  /** How long it is known to have been stale; it may have been for longer. */
  readonly staleForMs: number
  /** What the entry carries, at most 50. */
  readonly tags: readonly string[]
  /** The write that has left it, where `dependencies: 'check'` has told of one; `null` where nobody knows. */
  readonly by: string | null
  /** When it was found, in milliseconds since 1970. */
  readonly at: number
}

const MOST_FINDINGS = 100

interface Found {
  readonly finding: AuditFinding
  /** The moment at which the entry ends, by which it is told from what is stored later. */
  readonly expiresAt: number
  /** When a difference was seen first. */
  readonly since: number
}

/** The last findings, one for a key. */
export class AuditFindings {
  readonly #found = new Map<string, Found>()

  /** The newest last. */
  list(): readonly AuditFinding[] {
    return [...this.#found.values()].map(({ finding }) => finding)
  }

  /** Since when an entry is known to be stale, where it has been found before. */
  since(key: string, isSame: (expiresAt: number) => boolean): number | undefined {
    const known = this.#found.get(key)
    return known && isSame(known.expiresAt) ? known.since : undefined
  }

  /** Drops those that name what is to be forgotten. */
  forget(isNamed: (text: string) => boolean): void {
    for (const [key, { finding }] of this.#found) {
      if ([key, ...finding.tags].some(isNamed)) this.#found.delete(key)
    }
  }

  add(found: Found): void {
    const { key } = found.finding
    this.#found.delete(key)
    this.#found.set(key, found)
    const [oldest] = this.#found.keys()
    if (this.#found.size > MOST_FINDINGS && oldest !== undefined) this.#found.delete(oldest)
  }
}
