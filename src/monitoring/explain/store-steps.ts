import type { Response } from 'express'
import type { CacheRequest } from '../../express/read/cache-request.js'
import { decodeReading, mustBeFresh, type TimedAnswer } from '../../express/read/decode-reading.js'
import { fitsSchema } from '../../express/read/fits-schema.js'
import { foundAnswer } from '../../express/read/found-answer.js'
import { readOptionsOf } from '../../express/read/read-options.js'
import type { RequestValues } from '../../express/request-values.js'
import type { Representation } from '../../http/representation.js'
import { requestPolicy } from '../../http/request-policy.js'
import { decodeOnce } from '../../http/stored-bytes.js'
import type { CacheableRule } from '../../rules/rule.js'
import type { StoredValue } from '../../stores/store.js'
import { mendOf } from '../mends.js'
import type { ExplainedStep, Explanation } from '../reports.js'
import type { ExplainParts } from './explain-parts.js'
import type { MadeUpRequest } from './made-up-request.js'

/** What the store makes of a request that has a key. */
export interface StoreSteps {
  readonly steps: readonly ExplainedStep[]
  readonly next: Explanation['next']
}

type Next = Explanation['next']

/** Looks up what a request would, by the functions that do it for requests, and says what would come of it. */
export async function storeSteps(
  rule: CacheableRule,
  key: string,
  parts: ExplainParts,
  { req, res }: MadeUpRequest,
  values: RequestValues,
): Promise<StoreSteps> {
  const policy = rule.honorRequestCacheControl ? requestPolicy(req) : 'normal'
  const request: CacheRequest = {
    ...{ rule, req, res: res as Response, key, values, policy, hitLearner: undefined, route: undefined },
    ...{ isReload: false, startedAt: performance.now() },
    context: { ...parts.context, emit: () => {}, warn: () => {} },
  }
  const { engine } = parts
  const local = policy === 'normal' ? engine.hit(key, rule.graceMs) : null
  if (local) {
    const answer = await foundAnswer(request, decodeOnce(local.value))
    if (answer && (await fitsSchema(request, answer))) {
      return behindStore(parts, served(request, 'HIT', { answer, remainingMs: local.remainingMs }))
    }
  }
  if (req.method === 'HEAD') return behindStore(parts, await ofHead(request, parts))
  const found = await engine.foresee(key, readOptionsOf(rule, policy))
  switch (found.kind) {
    case 'pass-through':
      return { steps: stopsOfStore(found.reason, parts), next: bypass(found.reason) }
    case 'hit':
      return behindStore(parts, await ofValue(request, 'HIT', found))
    case 'stale':
      return behindStore(parts, await ofValue(request, 'STALE', found))
    case 'load': {
      const limit = await stepsOfLimit(rule, parts)
      return behindStore(parts, await ofLoad(request, found.isBusy, found.stale), limit)
    }
  }
}

function behindStore(
  parts: ExplainParts,
  { steps, next }: StoreSteps,
  between: readonly ExplainedStep[] = [],
): StoreSteps {
  return { steps: [pass('store', stateOf(parts)), ...between, ...steps], next }
}

/** What the store, or what this process knows of it, keeps a request from. */
function stopsOfStore(reason: string, parts: ExplainParts): readonly ExplainedStep[] {
  if (reason === 'store unavailable') {
    const stopped = stop('store', reason)
    return [{ ...stopped, detail: `${reason}: ${stateOf(parts)}` }]
  }
  return [pass('store', stateOf(parts)), stop(reason === 'rule is full' ? 'maxKeys' : 'entry', reason)]
}

function stateOf(parts: ExplainParts): string {
  const { kind, circuit, owedEvictions } = parts.status()
  return kind === 'memory'
    ? 'in this process'
    : `Redis, the circuit ${circuit}, ${owedEvictions} evictions owed`
}

async function stepsOfLimit(
  { keyLimit }: CacheableRule,
  { engine }: ExplainParts,
): Promise<readonly ExplainedStep[]> {
  const held = keyLimit && (await engine.count(keyLimit.prefix))
  if (!keyLimit || typeof held !== 'number') return []
  return [pass('maxKeys', `${held} of ${keyLimit.maxKeys} keys are held`)]
}

async function ofHead(request: CacheRequest, { engine }: ExplainParts): Promise<StoreSteps> {
  const { key, rule, policy } = request
  const reload = 'HEAD asks for an answer of now'
  if (policy === 'reload') return { steps: [stop('Cache-Control', reload)], next: bypass(reload) }
  const found = await engine.peek(key, rule.graceMs)
  const answer = found && (await answerIn(request, found))
  if (answer) return served(request, 'HIT', { answer, remainingMs: found.remainingMs })
  return { steps: [stop('entry', 'HEAD without an entry')], next: bypass('HEAD without an entry') }
}

async function ofValue(
  request: CacheRequest,
  xCache: 'HIT' | 'STALE',
  value: StoredValue,
): Promise<StoreSteps> {
  const answer = await answerIn(request, value)
  if (answer) return served(request, xCache, { answer, remainingMs: value.remainingMs })
  const detail = 'what is stored is no answer of this rule, or not what its schema says'
  return {
    steps: [{ check: 'entry', outcome: 'stops', detail }],
    next: { xCache: 'MISS', because: `${detail}: it is discarded, and the handler runs` },
  }
}

function served(
  request: CacheRequest,
  xCache: 'HIT' | 'STALE',
  { answer, remainingMs }: TimedAnswer,
): StoreSteps {
  const { graceMs } = request.rule
  if (Object.keys(answer.builtOn ?? {}).length > 0) {
    const detail =
      'only the request itself can tell whether middleware in front says the same of the headers that the route has added to'
    return {
      steps: [{ check: 'entry', outcome: 'unknown', detail }],
      next: { xCache: 'UNKNOWN', because: detail },
    }
  }
  if (xCache === 'STALE' && mustBeFresh(answer)) {
    const reason = 'stale answer forbidden'
    return { steps: [stop('entry', reason)], next: bypass(reason) }
  }
  const left = seconds(Math.max(0, remainingMs - graceMs))
  return xCache === 'HIT'
    ? {
        steps: [pass('entry', `stored, and fresh for another ${left}`)],
        next: { xCache, because: `the stored answer is fresh for another ${left}` },
      }
    : {
        steps: [
          pass('entry', `stored, past its TTL, and served for another ${seconds(remainingMs)} at most`),
        ],
        next: { xCache, because: 'the stored answer is past its TTL, and is served while it is reloaded' },
      }
}

/** As `answerRequest` does with the right to load, or with another's load to wait for. */
async function ofLoad(
  request: CacheRequest,
  isBusy: boolean,
  stale: StoredValue | null,
): Promise<StoreSteps> {
  const { rule, req, policy } = request
  const answer = stale && (await answerIn(request, stale))
  const mayServe =
    !isBusy &&
    answer !== null &&
    stale !== null &&
    policy === 'normal' &&
    req.method === 'GET' &&
    stale.remainingMs > rule.graceMs - rule.staleWhileRevalidateMs &&
    !mustBeFresh(answer)
  if (mayServe) return served(request, 'STALE', { answer, remainingMs: stale.remainingMs })
  if (isBusy) {
    const because = 'another request is loading the answer, and this one would wait for that'
    return { steps: [pass('entry', because)], next: { xCache: 'MISS', because } }
  }
  const because = becauseOfMiss(request, stale !== null)
  return { steps: [pass('entry', because)], next: { xCache: 'MISS', because } }
}

function becauseOfMiss({ policy }: CacheRequest, isStale: boolean): string {
  if (policy === 'reload') return 'the request asks for an answer of now, so the handler runs'
  return isStale
    ? 'the stored answer is past its TTL, so the handler runs'
    : 'nothing is stored under the key, so the handler runs'
}

async function answerIn(request: CacheRequest, value: StoredValue): Promise<Representation | null> {
  const reading = await decodeReading(request, { kind: 'hit', ...value })
  if (reading?.kind !== 'hit') return null
  return (await fitsSchema(request, reading.answer)) ? reading.answer : null
}

function bypass(reason: string): Next {
  return { xCache: 'BYPASS', because: reason }
}

function pass(check: string, detail: string): ExplainedStep {
  return { check, outcome: 'passes', detail }
}

function stop(check: string, reason: string): ExplainedStep {
  const mend = mendOf(reason)
  return { check, outcome: 'stops', detail: reason, ...(mend && { mend }) }
}

function seconds(durationMs: number): string {
  return `${Math.round(durationMs / 1_000)} s`
}
