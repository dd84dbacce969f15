import { subscribe, type TracingChannelSubscribers, unsubscribe } from 'node:diagnostics_channel'
import { metrics, trace } from '@opentelemetry/api'
import type { Cache } from '../cache.js'
import { partsOf } from '../cache-parts.js'
import {
  EVENTS,
  EVICTIONS,
  type EvictionMessage,
  LOADS,
  type LoadMessage,
  type ObservedCache,
} from '../diagnostics/channels.js'
import type { TracedMessage } from '../diagnostics/traced-message.js'
import type { EventMessage } from '../engine/publish-events.js'
import { CacheError } from '../errors.js'
import { telemetryName } from '../telemetry/telemetry-name.js'
import { knownOptions, wrongOption } from '../tools/check-values.js'
import { tellGuarded } from '../tools/guarded.js'
import { CacheInstruments } from './cache-instruments.js'
import { CacheSpans, type KeySanitizer } from './cache-spans.js'

/** Options of `traceCache`. */
export interface TraceCacheOptions {
  /**
   * How keys are said in spans: they may hold what a person must not be known by. The function gets a key, a pattern or a tag
   * and gives what is to be said of it. @defaultValue false: they are not said
   */
  readonly keys?: false | ((key: string) => string) | undefined
  /** What the cache is called. @defaultValue its keyPrefix, or `default` */
  readonly name?: string | undefined
}

const WHERE = 'traceCache()'
const LIBRARY = 'express-cacheable'
const KNOWN = new Set<keyof TraceCacheOptions>(['keys', 'name'])
const TRACED = new WeakSet<ObservedCache>()

/**
 * Tells OpenTelemetry of a cache, until it is closed. The span of a request says what the cache did with it, loads and
 * evictions are spans, and the meter has the metrics of the cache. Without an SDK it does nothing.
 *
 * @returns A function that ends it.
 * @throws CacheError `E_CACHE_OPTION` for wrong options, and for a cache that is traced already.
 * @example
 * traceCache(cache, { keys: (key) => key.replace(/user:[^:]+/, 'user:*') })
 */
export function traceCache(cache: Cache, options: TraceCacheOptions = {}): () => void {
  knownOptions(WHERE, options, KNOWN, 'Write traceCache(cache, { keys: false }).')
  const parts = partsOf(cache)
  const name = telemetryName(WHERE, options.name, parts)
  const keys = keysOf(options.keys)
  if (TRACED.has(parts.observed)) throw tracedAlready()
  TRACED.add(parts.observed)
  const instruments = new CacheInstruments(metrics.getMeter(LIBRARY), parts, name)
  const stops = [
    parts.listeners.add(instruments.listener),
    () => instruments.close(),
    ...listen(new CacheSpans(trace.getTracer(LIBRARY), keys, name), parts.observed),
    () => TRACED.delete(parts.observed),
  ]
  const end = () => {
    for (const stop of stops.splice(0)) stop()
  }
  stops.push(parts.onClose(end))
  return end
}

/** Listens to the channels for what is of one cache. */
function listen(spans: CacheSpans, cache: ObservedCache): (() => void)[] {
  /** What a subscriber throws would end the process. */
  const own =
    <Message extends { readonly cache: ObservedCache }>(tell: (message: Message) => void) =>
    (message: Message) => {
      if (message.cache === cache) tellGuarded(WHERE, tell, message)
    }
  const onEvent = own<EventMessage>(({ event }) => spans.tell(event)) as (message: unknown) => void
  const fails = own<LoadMessage | EvictionMessage>((message) => spans.fails(message))
  const loads = subscribers<LoadMessage>({
    start: own((message) => spans.loadStarts(message)),
    asyncStart: own((message) => spans.loadSettles(message)),
    asyncEnd: own((message) => spans.loadEnds(message)),
    error: fails,
  })
  const evictions = subscribers<EvictionMessage>({
    start: own((message) => spans.evictionStarts(message)),
    asyncEnd: own((message) => spans.evictionEnds(message)),
    error: fails,
  })
  subscribe(EVENTS.name, onEvent)
  LOADS.subscribe(loads)
  EVICTIONS.subscribe(evictions)
  return [
    () => unsubscribe(EVENTS.name, onEvent),
    () => LOADS.unsubscribe(loads),
    () => EVICTIONS.unsubscribe(evictions),
  ]
}

/** The types of Node want all of them, which it does not. */
function subscribers<Message extends TracedMessage>(
  some: Partial<TracingChannelSubscribers<Message>>,
): TracingChannelSubscribers<Message> {
  return some as TracingChannelSubscribers<Message>
}

/** A key of which a sanitizer throws is not said. */
function keysOf(keys: unknown = false): KeySanitizer {
  if (keys === false) return false
  if (typeof keys !== 'function') {
    throw wrongOption(
      WHERE,
      'keys is neither false nor a function',
      `Write keys: (key) => key.split(':')[0].`,
    )
  }
  const say = (key: string, said: { text: string }) => {
    said.text = String(keys(key))
  }
  return (key) => {
    const said = { text: '' }
    tellGuarded('keys of traceCache()', say, key, said)
    return said.text
  }
}

function tracedAlready(): CacheError {
  return new CacheError('E_CACHE_OPTION', {
    where: WHERE,
    problem: 'the cache is traced already',
    mend: 'Call it once for each cache; the function that it returns ends it.',
  })
}
