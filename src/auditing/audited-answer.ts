/** An answer, as far as audits compare it. */
export interface AuditedAnswer {
  readonly status: number
  /** As its header says it; values of functions are JSON. */
  readonly contentType: string | undefined
  /** As the handler gave it: not compressed, and without what `mark` adds. */
  readonly body: Buffer
}

/** Whether two answers are the same, byte for byte: so the one is still what the other was. */
export function isSameAnswer(one: AuditedAnswer, other: AuditedAnswer): boolean {
  return one.status === other.status && one.contentType === other.contentType && one.body.equals(other.body)
}

/** The moment at which an entry ends is told from what remains, and that travels. */
const SAME_MOMENT_MS = 250

/** Whether two readings of when an entry ends are of one entry: what is stored later ends later. */
export function isSameMoment(one: number, other: number): boolean {
  return Math.abs(one - other) <= SAME_MOMENT_MS
}
