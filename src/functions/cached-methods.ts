import type { DerivedEvictions } from '../checking/derived-evictions.js'
import { declaredEvictions } from '../checking/unneeded-evictions.js'
import { LoadTags } from '../dependencies/load-tags.js'
import { type ResolveValue, renderKey, renderPatterns, withVariant } from '../keys/render.js'
import { noteCalled } from '../rules/called-rules.js'
import { renderTags, withGiven } from '../rules/entry-tags.js'
import { evictionTargets, targetOf } from '../rules/eviction-targets.js'
import type { CacheableRule, EvictRule, PutRule, Rule } from '../rules/rule.js'
import { nameOf, namesOf } from '../rules/rule-routes.js'
import { groupOf } from '../stores/store.js'
import { follow } from '../tools/follow.js'
import { type CallContext, callThrough } from './call-through.js'
import type { Codec } from './serializer.js'

/** The methods of a service, each of which gives a promise. */
export type Methods<Service> = {
  readonly [Method in keyof Service as Service[Method] extends (...args: never[]) => unknown
    ? Method
    : never]: Service[Method] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never
}

type Method = (...args: unknown[]) => Promise<unknown>

export interface MethodsContext extends CallContext {
  /** What follows from commits that a tracker tells of. */
  readonly derived: DerivedEvictions
  /** Checks all rules together before the first call. @throws CacheError */
  readonly verify: () => void
  readonly codec: Codec
}

/** Makes methods that do what the rules on those of a service say. */
export function buildMethods<Service extends object>(
  service: Service,
  rulesByMethod: ReadonlyMap<string, { readonly rules: readonly Rule[] }>,
  context: MethodsContext,
): Methods<Service> {
  const built = [...rulesByMethod].map(([name, { rules }]) => {
    const call: Method = async (...args) => Reflect.apply(Reflect.get(service as object, name), service, args)
    return [name, Object.defineProperty(cachedMethod(rules, call, context), 'name', { value: name })]
  })
  return Object.fromEntries(built)
}

function cachedMethod(rules: readonly Rule[], call: Method, context: MethodsContext): Method {
  const read = rules.find((rule) => rule.kind === 'cacheable')
  if (read) return reading(read, call, context)
  return rules.length > 0 ? writing(rules, call, context) : call
}

function reading(rule: CacheableRule, call: Method, context: MethodsContext): Method {
  noteCalled(rule)
  return async (...args) => {
    context.verify()
    const resolve = valuesOfCall(args, undefined)
    const rendered = renderKey(rule.template, resolve)
    const load = () => call(...args)
    if (!rendered.ok) {
      context.emit({ type: 'bypass', rule, key: null, reason: rendered.reason })
      const value = await load()
      const tags = renderTags(rule.tags, valuesOfCall(args, value))
      if (tags.ok) context.loads.current?.add(tags.tags)
      else context.loads.current?.noteUnknown()
      return value
    }
    const { version, unless } = rule
    return callThrough(
      {
        ...{
          rule,
          where: rule.where,
          ttlMs: rule.ttlMs,
          keyLimit: rule.keyLimit,
          codec: context.codec,
          load,
        },
        key: version === undefined ? rendered.key : withVariant(rendered.key, new Map([['v', version]])),
        staleWhileRevalidateMs: rule.staleWhileRevalidateMs,
        staleIfErrorMs: rule.staleIfErrorMs,
        unless: unless && ((value) => unless(value, undefined as never)),
        tagsOf: (value) => renderTags(rule.tags, valuesOfCall(args, value)),
      },
      context,
    )
  }
}

/** The call resolves once the store has acknowledged what it evicts. One that fails evicts nothing. */
function writing(rules: readonly Rule[], call: Method, context: MethodsContext): Method {
  const evicts = context.evictsDeclared ? rules.filter((rule) => rule.kind === 'evict') : []
  const puts = rules.filter((rule) => rule.kind === 'put')
  return async (...args) => {
    context.verify()
    const { engine, derived } = context
    const early = evicts.filter((rule) => rule.before)
    if (early.length > 0) {
      await engine.evict(evictionTargets(early, valuesOfCall(args, undefined)), null, namesOf(early))
    }
    const fences = await Promise.all(puts.map((rule) => engine.fence(groupOf(rule.key))))
    const write = derived.begin([...evicts, ...puts])
    const settle = (result: unknown, hasFailed: boolean) =>
      derived.settle(write, {
        ...{ hasFailed, isOver: true },
        declared: write ? declaredEvictions(evicts, valuesOfCall(args, result)) : [],
        known: [
          { source: 'result', value: result },
          { source: 'args', value: args },
        ],
      })
    const given = new LoadTags(context.loads.current)
    const run = () => (puts.length > 0 ? context.loads.settle(given, () => call(...args)) : call(...args))
    let result: unknown
    try {
      result = await derived.run(write, run)
    } catch (error) {
      await settle(undefined, true)
      throw error
    }
    const resolve = valuesOfCall(args, result)
    for (const [nth, rule] of puts.entries()) {
      await put(rule, fences[nth] ?? null, result, resolve, given, context)
    }
    await evictAll(evicts, resolve, context)
    await settle(result, false)
    return result
  }
}

async function evictAll(
  evicts: readonly EvictRule[],
  resolve: ResolveValue,
  { engine }: MethodsContext,
): Promise<void> {
  if (evicts.length > 0) await engine.evict(evictionTargets(evicts, resolve), null, namesOf(evicts))
}

/** The write has happened, so where its result is not stored, the old entry has to go all the same. */
async function put(
  rule: PutRule,
  fence: string | null,
  result: unknown,
  resolve: ResolveValue,
  given: LoadTags,
  context: MethodsContext,
): Promise<void> {
  const { engine, isEnabled, lifetimeMs } = context
  const rendered = renderKey(rule.template, resolve)
  const entry = withGiven(renderTags(rule.tags, resolve), given)
  const bytes = isEnabled && rendered.ok && entry.ok ? encoded(rule, result, context) : undefined
  if (bytes === undefined || !rendered.ok || !entry.ok) {
    await engine.evict(renderPatterns(rule.template, resolve).map(targetOf), null, nameOf(rule))
    return
  }
  const lifeMs = lifetimeMs(rendered.key, rule.ttlMs)
  await engine.put(rendered.key, fence, bytes, lifeMs, entry.tags.length > 0 ? entry.tags : undefined, rule)
}

function encoded(rule: PutRule, result: unknown, { codec, warn, emit }: MethodsContext): Buffer | undefined {
  try {
    if (rule.unless?.(result, undefined as never)) return undefined
  } catch (error) {
    emit({ type: 'option-failed', rule, option: 'unless', error })
    return undefined
  }
  try {
    return codec.encode(result, rule.where)
  } catch (error) {
    // The write has succeeded, and its caller must not take it for one that has not.
    warn(error instanceof Error ? error.message : String(error))
    return undefined
  }
}

/** `{args.0.id}` is from the first argument, `{result.…}` from what the method gave. */
function valuesOfCall(args: readonly unknown[], result: unknown): ResolveValue {
  return ({ source, path }) => follow(source === 'args' ? args : result, path)
}
