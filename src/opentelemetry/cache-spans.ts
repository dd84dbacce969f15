import {
  type Attributes,
  context,
  type Link,
  ROOT_CONTEXT,
  type Span,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import type { EvictionMessage, LoadMessage } from '../diagnostics/channels.js'
import type { CacheEvent, RuleLabel } from '../engine/cache-event.js'
import { isCalled } from '../rules/called-rules.js'
import { ruleName } from '../telemetry/rule-name.js'
import { reasonOf } from '../tools/reason-of.js'
import { serverSpan, withinSpan } from './server-span.js'

/** How keys, patterns and tags are said, empty where one is not to be; `false`: not at all. */
export type KeySanitizer = false | ((key: string) => string)

/** The spans of one load or eviction. */
interface Spans {
  readonly own: Span
  /** That of the request which waits for it. */
  readonly server: Span | undefined
}

/** Says in the span of a request what the cache did with it, and makes spans of loads and evictions. */
export class CacheSpans {
  readonly #tracer: Tracer
  readonly #keys: KeySanitizer
  readonly #cache: Attributes
  readonly #running = new WeakMap<object, Spans>()

  constructor(tracer: Tracer, keys: KeySanitizer, name: string) {
    this.#tracer = tracer
    this.#keys = keys
    this.#cache = { 'cache.name': name }
  }

  /** Events come in the context of their request. */
  tell(event: CacheEvent): void {
    switch (event.type) {
      case 'hit':
      case 'stale':
        this.#answer(event.rule, event.key, event.type, entryOf(event.ttlMs, event.bytes))
        break
      case 'miss':
        // What its own load gave has been said at the start and at the end of that.
        if (event.collapsed) this.#answer(event.rule, event.key, 'miss')
        break
      case 'bypass':
        this.#answer(event.rule, event.key, 'bypass', { 'cache.reason': event.reason })
        break
    }
  }

  /** A handler that has nobody waiting begins a trace of its own, with a link to the request that has set it off. */
  loadStarts(message: LoadMessage): void {
    const { rule, key, isReload } = message
    if (rule && !isReload) this.#answer(rule, key, 'miss')
    const active = context.active()
    const setOffBy = isReload ? trace.getSpanContext(active) : undefined
    const links: Link[] = setOffBy ? [{ context: setOffBy }] : []
    const name = rule ? ruleName(rule) : undefined
    const attributes = {
      ...{ ...this.#cache, 'cache.operation': 'put', 'cache.reload': isReload },
      ...(name !== undefined && { 'cache.rule': name }),
      ...this.#key(key),
    }
    const options = { attributes, links, root: isReload }
    const own = this.#tracer.startSpan(`cache.load ${name ?? ''}`.trimEnd(), options, active)
    const server = rule && !isReload && !isCalled(rule) ? serverSpan(active) : undefined
    this.#running.set(message, { own, server })
    const inner = isReload ? withinSpan(ROOT_CONTEXT, own, own) : withinSpan(active, own, serverSpan(active))
    message.around((run) => context.with(inner, run))
  }

  /** The request's span is still open: its answer is just leaving. */
  loadSettles(message: LoadMessage): void {
    const { rule, bytes, ttlMs } = message
    const spans = this.#running.get(message)
    if (!spans || bytes === undefined || ttlMs === undefined) return
    const entry = entryOf(ttlMs - graceOf(rule), bytes)
    spans.own.setAttributes(entry)
    if (spans.server?.isRecording()) spans.server.setAttributes(entry)
  }

  loadEnds(message: LoadMessage): void {
    const { result = '', reason } = message
    const why = reason === undefined ? {} : { 'cache.reason': reason }
    const server = this.#running.get(message)?.server
    if (server?.isRecording()) server.setAttributes(why)
    this.#end(message, { 'cache.result': result, ...why })
  }

  evictionStarts(message: EvictionMessage): void {
    const { by, targets } = message
    const attributes = {
      ...{ ...this.#cache, 'cache.operation': 'remove', 'cache.target_count': targets.length },
      ...(by !== null && { 'cache.by': by }),
      ...this.#key(...targets),
    }
    const active = context.active()
    const own = this.#tracer.startSpan(`cache.evict ${by ?? ''}`.trimEnd(), { attributes }, active)
    this.#running.set(message, { own, server: undefined })
    const inner = withinSpan(active, own, serverSpan(active))
    message.around((run) => context.with(inner, run))
  }

  evictionEnds(message: EvictionMessage): void {
    const { removed = null } = message
    this.#end(message, removed === null ? { 'cache.owed': true } : { 'cache.removed_count': removed })
  }

  fails(message: LoadMessage | EvictionMessage): void {
    const own = this.#running.get(message)?.own
    if (!own) return
    if (message.error instanceof Error) own.recordException(message.error)
    own.setStatus({ code: SpanStatusCode.ERROR, message: reasonOf(message.error) })
  }

  #end(message: object, attributes: Attributes): void {
    const own = this.#running.get(message)?.own
    this.#running.delete(message)
    own?.setAttributes(attributes).end()
  }

  /** Calls of functions are parts of a request, which may have many. */
  #answer(rule: RuleLabel, key: string | null, result: string, more: Attributes = {}): void {
    if (isCalled(rule)) return
    const span = serverSpan()
    if (!span?.isRecording()) return
    span.setAttributes({
      ...{ ...this.#cache, 'cache.hit': result === 'hit' || result === 'stale', 'cache.result': result },
      ...{ 'cache.rule': ruleName(rule), ...(key !== null && this.#key(key)), ...more },
    })
  }

  #key(...keys: readonly string[]): Attributes {
    const say = this.#keys
    const said = say ? keys.map((key) => say(key)).filter((text) => text !== '') : []
    return said.length > 0 ? { 'cache.key': said } : {}
  }
}

function entryOf(ttlMs: number, bytes: number): Attributes {
  return { 'cache.ttl': Math.max(0, Math.floor(ttlMs / 1_000)), 'cache.item_size': bytes }
}

/** A rule of requests says for how long it keeps its entries beyond their TTL. */
function graceOf(rule: LoadMessage['rule']): number {
  const graceMs: unknown = rule && Reflect.get(rule, 'graceMs')
  return typeof graceMs === 'number' ? graceMs : 0
}
