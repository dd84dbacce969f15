import type { RuleLabel } from '../engine/cache-event.js'
import { requireKey } from '../keys/raw-key.js'
import { noteCalled } from '../rules/called-rules.js'
import { checkOptions } from '../rules/check-options.js'
import type { CacheableOptions } from '../rules/declaration.js'
import { parseReads } from '../rules/declared-tags.js'
import { type Duration, toMilliseconds } from '../rules/duration.js'
import { renderTags } from '../rules/entry-tags.js'
import { groupOf } from '../stores/store.js'
import { follow } from '../tools/follow.js'
import type { CachedCall } from './call-through.js'
import type { Sayable } from './sayable.js'
import { codecOf, type Serializer } from './serializer.js'

/** Options of `cache.wrap`. */
export interface WrapOptions<Value = unknown>
  extends Pick<CacheableOptions, 'staleWhileRevalidate' | 'staleIfError' | 'tags' | 'reads'> {
  /** Whether a value must not be stored. */
  readonly unless?: (value: Value) => boolean
  /** For values that JSON cannot say: superjson fits. @defaultValue JSON, and an error for what it cannot say */
  readonly serializer?: Serializer
  /** What the values are called in statistics and log lines. @defaultValue the key's first segment */
  readonly name?: string
}

/** A serializer may be left out where JSON can say all of a type. */
export type WrapArguments<Value> = [Value] extends [Sayable<Value>]
  ? [options?: WrapOptions<Value>]
  : [options: WrapOptions<Value> & { readonly serializer: Serializer }]

/** So many names have accounts of their own; keys may begin with anything. */
const MOST_NAMES = 1_000

/** The labels of wrapped values, by their names. */
export class WrapLabels {
  readonly #labels = new Map<string, RuleLabel>()

  of(name: string): RuleLabel {
    const known = this.#labels.get(name)
    if (known) return known
    const label = noteCalled({
      where: 'cache.wrap',
      key: this.#labels.size < MOST_NAMES ? name : 'others',
    })
    if (this.#labels.size < MOST_NAMES) this.#labels.set(name, label)
    return label
  }
}

/** Checks the arguments of one call. @throws CacheError `E_CACHE_KEY`, `E_CACHE_TTL`, `E_CACHE_OPTION`, `E_CACHE_TEMPLATE` */
export function wrappedCall(
  key: string,
  ttl: Duration,
  load: () => unknown,
  options: WrapOptions<never>,
  labels: WrapLabels,
): CachedCall {
  requireKey(key, 'cache.wrap')
  const where = `cache.wrap('${key}')`
  checkOptions('cache.wrap', options, where)
  const tags = parseReads(options, ['result'], where)
  const { unless, serializer, name, staleWhileRevalidate, staleIfError } = options
  return {
    ...{ where, key, load, keyLimit: undefined, codec: codecOf(serializer) },
    rule: labels.of(name ?? groupOf(key)),
    ttlMs: toMilliseconds(ttl, 'TTL', where),
    staleWhileRevalidateMs: optionalMs(staleWhileRevalidate, 'staleWhileRevalidate', where),
    staleIfErrorMs: optionalMs(staleIfError, 'staleIfError', where),
    unless: unless && ((value) => unless(value as never)),
    tagsOf: (value) => renderTags(tags, ({ path }) => follow(value, path)),
  }
}

function optionalMs(duration: Duration | undefined, what: string, where: string): number {
  return duration === undefined ? 0 : toMilliseconds(duration, what, where)
}
