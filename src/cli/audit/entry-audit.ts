import { type AuditedAnswer, isSameAnswer, isSameMoment } from '../../auditing/audited-answer.js'
import { differingFields } from '../../auditing/differing-fields.js'
import type { IsIgnored } from '../../auditing/ignored-fields.js'
import { unpacked } from '../../http/at-rest.js'
import { decodeRepresentation } from '../../http/stored-bytes.js'
import { parseTemplate, type Template } from '../../keys/template.js'
import type { Store } from '../../stores/store.js'
import { askPast, type PastAnswer } from './ask-past.js'
import { urlOfKey } from './url-of-key.js'

/** A rule of the application, as its processes tell of it. */
export interface AskedRule {
  /** Its route. */
  readonly name: string
  readonly template: Template
}

/** What came of one entry. */
export type EntryResult =
  | { readonly kind: 'agrees' | 'settled' }
  | { readonly kind: 'differs'; readonly rule: string; readonly fields: readonly string[] }
  /** It could not be asked for, or what was answered cannot be compared. */
  | { readonly kind: 'not asked'; readonly reason: string }

export interface EntryAuditOptions {
  readonly store: Pick<Store, 'get'>
  readonly rules: readonly AskedRule[]
  /** Base addresses of the application, in the order in which they are tried. */
  readonly bases: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  readonly token: string
  readonly isIgnored: IsIgnored
}

interface Found {
  readonly answer: AuditedAnswer
  /** The moment at which the entry ends. */
  readonly endsAt: number
}

const MOST_BODY_BYTES = 64 * 1024 * 1024

/** Compares entries with what the application answers past its cache. */
export class EntryAudit {
  readonly #options: EntryAuditOptions
  readonly #seen = new Map<string, Found>()

  constructor(options: EntryAuditOptions) {
    this.#options = options
  }

  /**
   * Looks at one entry. If it has differed before, it has to be the same still: what went, or was replaced, is `settled`.
   *
   * The store is asked last, so that an entry which a write evicts meanwhile is not compared.
   */
  async look(key: string): Promise<EntryResult> {
    if (key.includes('#')) return notAsked('it is one of several variants, by headers or a version')
    const rule = this.#options.rules.find(({ template, name }) => urlOfKey(template, name, key) !== null)
    if (!rule) return notAsked('no route is known that can be asked by its key')
    const asked = await this.#ask(rule, key)
    if (typeof asked === 'string') return notAsked(asked)
    const known = this.#seen.get(key)
    const found = await this.#stored(key)
    if (!found || (known && !isSame(known, found))) return { kind: 'settled' }
    const fields = differingFields(found.answer, asked, this.#options.isIgnored)
    if (fields.length === 0) return { kind: known ? 'settled' : 'agrees' }
    this.#seen.set(key, found)
    return { kind: 'differs', rule: rule.name, fields }
  }

  /** @returns Why nothing can be said, if that is so. */
  async #ask({ name, template }: AskedRule, key: string): Promise<PastAnswer | string> {
    const { bases, headers, token } = this.#options
    let reason = 'the application has no such route there'
    for (const base of bases) {
      let answer: PastAnswer
      try {
        answer = await askPast(base + urlOfKey(template, name, key), token, headers)
      } catch {
        return 'the application does not answer'
      }
      if (answer.key === key)
        return answer.status >= 500 ? `the application answers ${answer.status}` : answer
      if (answer.key !== null) reason = 'it is of somebody else, or of other headers'
      else if (answer.status === 401 || answer.status === 403) {
        reason = `the application lets nobody in so (${answer.status})`
      }
    }
    return reason
  }

  async #stored(key: string): Promise<Found | null> {
    const found = await this.#options.store.get(key)
    const decoded = found && decodeRepresentation(found.value)
    const plain = decoded && (await unpacked(decoded, MOST_BODY_BYTES))
    if (!found || !plain) return null
    const { status, body, headers } = plain
    const contentType = headers['content-type']
    const answer = { status, body, contentType: contentType === undefined ? undefined : String(contentType) }
    return { answer, endsAt: Date.now() + found.remainingMs }
  }
}

/** The rules that stand on routes, each once. */
export function askedRules(rules: readonly { readonly name: string; readonly key: string }[]): AskedRule[] {
  const known = new Map(rules.map((rule) => [`${rule.name} ${rule.key}`, rule]))
  return [...known.values()].flatMap(({ name, key }) => {
    try {
      return [{ name, template: parseTemplate(key, name) }]
    } catch {
      // A key that a function gives has none.
      return []
    }
  })
}

function isSame(one: Found, other: Found): boolean {
  return isSameAnswer(one.answer, other.answer) && isSameMoment(one.endsAt, other.endsAt)
}

function notAsked(reason: string): EntryResult {
  return { kind: 'not asked', reason }
}
