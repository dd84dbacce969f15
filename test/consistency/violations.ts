import type { CachedRow } from './rows.js'

/** What a reader asked and what it got. */
export interface Answered {
  readonly row: string
  readonly key: string
  /** The newest acknowledged version, asked for before the read began. */
  readonly acknowledged: number
  /** Newer than that, and not known to all before a bound that is stated. */
  readonly excepted: number
  readonly answer: CachedRow
  readonly how: string
}

/** An answer that nobody may get, and who got it when. */
export interface Violation extends Answered {
  readonly kind: 'stale' | 'foreign'
  readonly pid: number
  /** ISO 8601. */
  readonly at: string
  /** How old its process was. */
  readonly ageMs: number
  /** The fault before it, in words; empty if there was none. */
  readonly after: string
}

/** `foreign`: it is another key's. `stale`: it is older than a version acknowledged before the read began. */
export function violationOf({ key, acknowledged, answer }: Answered): Violation['kind'] | undefined {
  if (answer.key !== key) return 'foreign'
  return answer.version < acknowledged ? 'stale' : undefined
}

/** Whether it is older than a write that its process alone could not let others know of, within the bound of that. */
export function isOldInBound(answered: Answered): boolean {
  return violationOf(answered) === undefined && answered.answer.version < answered.excepted
}

export function storyOf({
  kind,
  row,
  key,
  acknowledged,
  answer,
  how,
  pid,
  at,
  ageMs,
  after,
}: Violation): string {
  const got = `process ${pid} (${Math.round(ageMs)} ms old) got ${answer.key} in version ${answer.version} (${how})`
  const due =
    kind === 'stale' ? `version ${acknowledged} of ${row} was acknowledged before` : 'is another key'
  return `${at}  asked for ${key}, ${got}; ${due}${after && `; ${after}`}`
}
