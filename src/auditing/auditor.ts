import type { CacheEvent, RuleLabel } from '../engine/cache-event.js'
import type { Engine } from '../engine/engine.js'
import { nameOf } from '../rules/rule-routes.js'
import type { StoredValue } from '../stores/store.js'
import { realTime } from '../tools/real-time.js'
import { type AuditFinding, AuditFindings } from './audit-findings.js'
import type { ResolvedAudit } from './audit-options.js'
import { auditTimes } from './audit-times.js'
import { type AuditedAnswer, isSameAnswer, isSameMoment } from './audited-answer.js'
import { differingFields } from './differing-fields.js'
import { type IsIgnored, ignoredFields } from './ignored-fields.js'
import { OneAtATime } from './one-at-a-time.js'
import { turnOfLoop } from './turn-of-loop.js'

/** What a handler answers now; or why nothing can be said of that. */
export type AskedAgain = { readonly answer: AuditedAnswer } | { readonly unclear: string }

/** A hit, and how to ask again what was asked. */
export interface AuditedHit {
  readonly rule: RuleLabel
  readonly key: string
  /** What was served; `null` for what cannot be read. */
  readonly served: () => Promise<AuditedAnswer | null>
  /** What the bytes of an entry stand for. */
  readonly stored: (value: Buffer) => Promise<AuditedAnswer | null>
  /** Runs the handler once more. Never rejects. */
  readonly ask: () => Promise<AskedAgain>
}

export interface AuditContext {
  readonly engine: Pick<Engine, 'peek' | 'browse' | 'circuit' | 'pendingEvictions'>
  readonly emit: (event: CacheEvent) => void
  /** Whether to ask once more would do more than to read. */
  readonly alsoWrites: (rule: RuleLabel) => boolean
  /** The write that is known to have left an entry. */
  readonly leftBy: (key: string) => string | null
}

/** A look at what is stored and what is answered, at one moment. */
type Look =
  | { readonly kind: 'agrees' }
  | { readonly kind: 'differs'; readonly fields: readonly string[]; readonly expiresAt: number }
  | { readonly kind: 'gone' }
  | { readonly kind: 'unclear'; readonly reason: string }

/** Differences that wait for that. */
const MOST_WAITING = 100
/** Under pressure, a look that is due waits, so often a second. */
const MOST_DELAYS = 60
const DELAY_MS = 1_000
const MOST_TAGS = 50

/**
 * Asks a share of hits again behind their answers, and tells where what is stored is not what the handler answers.
 *
 * A difference is no proof: a write may be under way, or a replica late. It counts as `stale` once it has been seen three
 * times, over a minute, on an entry that has not changed. An entry that went, was replaced or agrees later is `settled`.
 */
export class Auditor {
  readonly #context: AuditContext
  readonly #sample: number
  readonly #isIgnored: IsIgnored
  readonly #place = new OneAtATime()
  readonly #waiting = new Set<string>()
  readonly #findings = new AuditFindings()
  readonly #timers = new Map<NodeJS.Timeout, () => void>()
  #isClosed = false

  constructor({ sample, ignore }: ResolvedAudit, context: AuditContext) {
    this.#context = context
    this.#sample = sample
    this.#isIgnored = ignoredFields(ignore)
  }

  /** Whether a hit is one of the share. */
  isSampled(): boolean {
    return Math.random() < this.#sample
  }

  /** Audits a hit behind its answer, if nothing speaks against that. */
  begin(hit: AuditedHit): void {
    const { rule, key } = hit
    if (this.#isClosed) return
    const obstacle = this.#obstacle(rule, key)
    if (obstacle !== undefined) this.#tell(hit, { outcome: 'skipped', reason: obstacle })
    else void this.#audit(hit)
  }

  /** The last entries that were found to be stale, the newest last. */
  findings(): readonly AuditFinding[] {
    return this.#findings.list()
  }

  /** Drops findings that name what is to be forgotten. */
  forget(isNamed: (text: string) => boolean): void {
    this.#findings.forget(isNamed)
  }

  /** Ends what waits. */
  close(): void {
    this.#isClosed = true
    for (const [timer, wake] of this.#timers) {
      realTime.clearTimeout(timer)
      wake()
    }
    this.#timers.clear()
  }

  /** Takes the place of the one audit that may be under way, if there is nothing against it. */
  #obstacle(rule: RuleLabel, key: string): string | undefined {
    if (this.#context.alsoWrites(rule)) return 'its route writes'
    if (this.#waiting.has(key)) return 'a difference waits to be looked at again'
    if (this.#waiting.size >= MOST_WAITING) return 'too many differences wait'
    return this.#place.tryTake() ? undefined : 'another audit is under way'
  }

  /** With the place taken. */
  async #audit(hit: AuditedHit): Promise<void> {
    let first: Look | null
    let served: AuditedAnswer | null
    try {
      if (await this.#isUnderPressure()) {
        this.#tell(hit, { outcome: 'skipped', reason: 'under pressure' })
        return
      }
      served = await hit.served()
      first = served && (await this.#look(hit, served))
    } finally {
      this.#place.give()
    }
    if (!served || !first) this.#tell(hit, { outcome: 'unclear', reason: 'unreadable entry' })
    else if (first.kind === 'differs') await this.#confirm(hit, served, first)
    else this.#tellOf(hit, first)
  }

  /** Looks again, until the difference has gone or has lasted. */
  async #confirm(
    hit: AuditedHit,
    served: AuditedAnswer,
    first: Extract<Look, { kind: 'differs' }>,
  ): Promise<void> {
    const seenAt = realTime.now()
    this.#waiting.add(hit.key)
    try {
      let look: Look = first
      for (const afterMs of auditTimes.looksAfterMs) {
        await this.#pause(seenAt + afterMs - realTime.now())
        look = await this.#lookAgain(hit, served, first.expiresAt)
        if (this.#isClosed) return
        if (look.kind !== 'differs') break
      }
      if (look.kind === 'differs') await this.#find(hit, look, realTime.now() - seenAt)
      else this.#tellOf(hit, look.kind === 'agrees' ? { kind: 'gone' } : look)
    } finally {
      this.#waiting.delete(hit.key)
    }
  }

  async #lookAgain(hit: AuditedHit, served: AuditedAnswer, expiresAt: number): Promise<Look> {
    for (let delays = 0; delays < MOST_DELAYS && !this.#isClosed; delays += 1) {
      await this.#place.take()
      try {
        if (!(await this.#isUnderPressure())) return await this.#look(hit, served, expiresAt)
      } finally {
        this.#place.give()
      }
      await this.#pause(DELAY_MS)
    }
    return { kind: 'unclear', reason: 'under pressure' }
  }

  /**
   * Asks the handler, and looks then whether the entry is there still: one that a write evicts meanwhile is nothing to
   * compare with.
   *
   * @param expiresAt - When the entry ends, where that is known.
   */
  async #look(hit: AuditedHit, served: AuditedAnswer, expiresAt?: number): Promise<Look> {
    const asked = await hit.ask()
    if (!('answer' in asked)) return { kind: 'unclear', reason: asked.unclear }
    const fields = differingFields(served, asked.answer, this.#isIgnored)
    if (fields.length === 0) return { kind: 'agrees' }
    const found = await this.#context.engine.peek(hit.key)
    const stored = found && (await hit.stored(found.value))
    if (!stored || !isSameAnswer(stored, served)) return { kind: 'gone' }
    const endsAt = endOf(found)
    if (expiresAt !== undefined && !isSameMoment(endsAt, expiresAt)) return { kind: 'gone' }
    return { kind: 'differs', fields, expiresAt: endsAt }
  }

  async #isUnderPressure(): Promise<boolean> {
    const { circuit, pendingEvictions } = this.#context.engine
    return circuit !== 'closed' || pendingEvictions > 0 || (await turnOfLoop()) > auditTimes.busyTurnMs
  }

  async #find(
    hit: AuditedHit,
    { fields, expiresAt }: Extract<Look, { kind: 'differs' }>,
    lastedMs: number,
  ): Promise<void> {
    const { rule, key } = hit
    const at = Date.now()
    const known = this.#findings.since(key, (before) => isSameMoment(before, expiresAt))
    const since = known ?? at - lastedMs
    const staleForMs = Math.round(at - since)
    const page = await this.#context.engine.browse({ prefix: key, limit: 1 })
    const tags = page?.entries.find((entry) => entry.key === key)?.tags ?? []
    const finding = {
      ...{ rule: nameOf(rule), key, fields, staleForMs, tags: tags.slice(0, MOST_TAGS) },
      ...{ by: this.#context.leftBy(key), at },
    }
    this.#findings.add({ finding, expiresAt, since })
    this.#tell(hit, { outcome: 'stale', fields, staleForMs })
  }

  #tellOf(hit: AuditedHit, look: Exclude<Look, { kind: 'differs' }>): void {
    switch (look.kind) {
      case 'agrees':
        this.#tell(hit, { outcome: 'agreed' })
        break
      case 'gone':
        this.#tell(hit, { outcome: 'settled' })
        break
      case 'unclear':
        this.#tell(hit, { outcome: 'unclear', reason: look.reason })
    }
  }

  #tell(
    { rule, key }: AuditedHit,
    told: Pick<Extract<CacheEvent, { type: 'audit' }>, 'outcome' | 'fields' | 'staleForMs' | 'reason'>,
  ): void {
    if (!this.#isClosed) this.#context.emit({ type: 'audit', rule, key, ...told })
  }

  /** Keeps no process alive, and ends with the cache. */
  #pause(ms: number): Promise<void> {
    if (this.#isClosed || ms <= 0) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = realTime.setTimeout(() => {
        this.#timers.delete(timer)
        resolve()
      }, ms)
      timer.unref()
      this.#timers.set(timer, resolve)
    })
  }
}

function endOf({ remainingMs }: StoredValue): number {
  return Date.now() + remainingMs
}
