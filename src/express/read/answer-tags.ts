import { type LoadTags, MOST_TAGS } from '../../dependencies/load-tags.js'
import { parsedJson } from '../../http/representation.js'
import type { ResolveValue } from '../../keys/render.js'
import {
  type RenderedTags,
  renderTags,
  takeResult,
  valuesAsOfNow,
  withGiven,
} from '../../rules/entry-tags.js'
import { valuesOfRequest, withResult } from '../request-values.js'
import type { AnswerHead } from '../response/final-head.js'
import type { CacheRequest } from './cache-request.js'

const NONE: RenderedTags = { ok: true, tags: [] }

/** The tags of an answer that is being loaded: of its rule, and those that its handler gives it. */
export class AnswerTags {
  readonly #request: CacheRequest
  readonly #given: LoadTags
  /** Of the request before the handler runs. */
  readonly #values: ResolveValue
  #ofRule: { readonly body: Buffer; readonly rendered: RenderedTags } | undefined

  constructor(request: CacheRequest, given: LoadTags) {
    const { rule, req, values } = request
    this.#request = request
    this.#given = given
    this.#values = valuesAsOfNow(rule.tags, valuesOfRequest(req, values))
  }

  /** Undefined, if it has none; or why it has too many, or not all that it should have. */
  of(head: AnswerHead, body: Buffer): RenderedTags | undefined {
    const { rule, context } = this.#request
    const ofRule = rule.tags.length === 0 ? NONE : this.#renderOnce(head, body)
    const all = withGiven(ofRule, this.#given)
    if (all.ok) return all.tags.length === 0 ? undefined : all
    if (all.count !== undefined) {
      context.warn(
        `${rule.where} gives an answer ${all.count} tags: one with more than ${MOST_TAGS} is not stored.`,
      )
    }
    return all
  }

  /** An answer is judged twice where it is given in one go. */
  #renderOnce(head: AnswerHead, body: Buffer): RenderedTags {
    if (this.#ofRule?.body === body) return this.#ofRule.rendered
    const { tags } = this.#request.rule
    const result = takeResult(tags) ? parsedJson(head.headers['content-type'], body) : undefined
    const rendered = renderTags(tags, withResult(this.#values, result))
    this.#ofRule = { body, rendered }
    return rendered
  }
}
