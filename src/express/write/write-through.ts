import type { Request, Response } from 'express'
import type { EndOfWrite } from '../../checking/derived-evictions.js'
import { declaredEvictions } from '../../checking/unneeded-evictions.js'
import type { LoadTags } from '../../dependencies/load-tags.js'
import type { RuleLabel } from '../../engine/cache-event.js'
import { parsedJson } from '../../http/representation.js'
import { STATUSES_OF_WRITES, type Storability, storability } from '../../http/storability.js'
import { encodeJson } from '../../http/stored-bytes.js'
import { type ResolveValue, renderKey, renderPatterns } from '../../keys/render.js'
import { takesFrom } from '../../keys/template.js'
import { type RenderedTags, renderTags, withGiven } from '../../rules/entry-tags.js'
import { evictionTargets, intentTargets, targetOf } from '../../rules/eviction-targets.js'
import { type EvictRule, type PutRule, templatesOf, type WriteRule } from '../../rules/rule.js'
import { nameOf, namesOf } from '../../rules/rule-routes.js'
import { groupOf } from '../../stores/store.js'
import type { MiddlewareContext } from '../context.js'
import { evaluateOption } from '../evaluate-option.js'
import { beginLoad } from '../read/load-of-request.js'
import { type RequestValues, valuesOfRequest, withResult } from '../request-values.js'
import type { AnswerHead } from '../response/final-head.js'
import { type Field, type HeldResponse, holdResponse } from './hold-response.js'
import { passBarrier } from './pass-barrier.js'

/** A write whose handler is to run. */
export interface HeldWrite extends HeldResponse {
  /** Runs the handler, so that what it commits is known to be this write's. */
  run<Result>(handler: () => Result): Result
  /** An error has left the route: what is answered for it is no answer of the write's, whatever its status. */
  failed(): void
}

/**
 * Prepares a write's response so that its answer leaves only after what it changed has been removed or
 * replaced in the cache. A failed write (status 400 and up) changes nothing there.
 *
 * @returns What runs the handler, and wants to know when it is done; `undefined` where nothing is to be done for the write.
 */
export async function writeThrough(
  rules: readonly WriteRule[],
  context: MiddlewareContext,
  req: Request,
  res: Response,
  values: RequestValues,
): Promise<HeldWrite | undefined> {
  context.verify()
  const { engine, derived, barrier, maxBodyBytes, leaseMs } = context
  const evicts = context.evictsDeclared
    ? rules.filter((rule): rule is EvictRule => rule.kind === 'evict' && isDue(rule, context, req))
    : []
  const puts = rules
    .filter((rule) => rule.kind === 'put')
    .map((rule) => ({ rule, isDue: context.isEnabled && isDue(rule, context, req) }))
  const resolveValue = valuesOfRequest(req, values)
  const earlierVary = res.getHeader('vary')

  const due = [...evicts, ...puts.map(({ rule }) => rule)]
  const crashSafe = due.filter((rule) => rule.crashSafe ?? context.isCrashSafe)
  const intent = crashSafe.length === 0 ? null : await engine.intend(intentTargets(crashSafe, resolveValue))
  const early = evicts.filter((rule) => rule.before)
  const by = namesOf(rules)
  if (early.length > 0) await engine.evict(evictionTargets(early, resolveValue), null, by)
  // Taken before the handler reads or writes anything, so that what it answers can be told from older values.
  const fences = await Promise.all(puts.map(({ rule }) => engine.fence(groupOf(rule.key), intent)))
  const write = derived.begin(rules)
  const followed = barrier.ofAllWrites()
  if (evicts.length === 0 && puts.length === 0 && !write && followed.length === 0) return undefined
  const given = puts.length > 0 ? beginLoad(req, context.loads) : undefined

  const wantsBody =
    write !== undefined ||
    puts.length > 0 ||
    rules.flatMap(templatesOf).some((template) => takesFrom(template, 'result'))
  let hasFailed = false
  let hasThrown = false
  const held = holdResponse(res, {
    wantsBody,
    maxBytes: maxBodyBytes,
    lateMs: leaseMs,
    settle(head, body, isOver) {
      if (head.status < 400) return settle(head, body, isOver)
      // Nobody waits for it: who reads meanwhile is only not stored.
      if (isOver && intent) void engine.settle(intent)
      if (!hasFailed) tellFailed(rules, context, head.status)
      hasFailed = true
      void derived.settle(write, endOf(resolveValue, undefined, isOver))
      return undefined
    },
  })
  return {
    handlerDone: () => held.handlerDone(),
    run: (handler) => derived.run(write, handler),
    failed() {
      hasThrown = true
    },
  }

  async function settle(head: AnswerHead, body: Buffer | null, isOver: boolean): Promise<Field | undefined> {
    const settled = isOver ? intent : null
    const result = parsedJson(head.headers['content-type'], body)
    const answer: Answer = {
      req,
      head,
      body,
      result,
      earlierVary,
      given,
      resolveValue: withResult(resolveValue, result),
    }
    const end = endOf(answer.resolveValue, result, isOver)
    // All is rendered now: while the store is awaited, a handler that goes on may leave the route and its values.
    const targets = evictionTargets(evicts, answer.resolveValue)
    const actions = puts.map(({ rule, isDue }, index) =>
      isDue && !hasThrown
        ? planPut(rule, fences[index] ?? null, answer, context)
        : planEviction(rule, answer, context),
    )
    for (const act of actions) await act()
    if (targets.length > 0 || settled) await engine.evict(targets, settled, by)
    await derived.settle(write, end)
    return passBarrier(followed, context, res)
  }

  function endOf(resolve: ResolveValue, result: unknown, isOver: boolean): EndOfWrite {
    return {
      hasFailed,
      isOver,
      declared: write ? declaredEvictions(evicts, resolve) : [],
      known: [
        { source: 'bare', value: req.params },
        { source: 'result', value: result },
        { source: 'body', value: req.body },
        { source: 'query', value: req.query },
        { source: 'user', value: values.user },
      ],
    }
  }
}

/** So that whoever wonders why nothing is evicted finds out. */
function tellFailed(rules: readonly WriteRule[], { emit }: MiddlewareContext, status: number): void {
  for (const rule of rules) emit({ type: 'write-failed', rule: labelOf(rule), status })
}

interface Answer {
  readonly req: Request
  readonly head: AnswerHead
  readonly body: Buffer | null
  readonly result: unknown
  /** What its handler was given tags of, where it is to be stored. */
  readonly given: LoadTags | undefined
  /** The `Vary` that middleware had set before the route. */
  readonly earlierVary: unknown
  readonly resolveValue: ResolveValue
}

/** A condition that throws counts as true: evicting too much is safe, too little is not. */
function isDue(rule: WriteRule, { emit }: MiddlewareContext, req: Request): boolean {
  return evaluateOption(emit, labelOf(rule), 'condition', () => rule.condition?.(req) ?? true, true)
}

function labelOf(rule: WriteRule): RuleLabel {
  return rule.kind === 'put'
    ? rule
    : {
        where: rule.where,
        key: templatesOf(rule)
          .map(({ text }) => text)
          .join(', '),
      }
}

/** Only a JSON answer can be what a later GET is to get, and only if the same answer of a GET could be stored. */
function planPut(
  rule: PutRule,
  fence: string | null,
  answer: Answer,
  context: MiddlewareContext,
): () => Promise<unknown> {
  const { body, result, resolveValue } = answer
  const rendered = renderKey(rule.template, resolveValue)
  const verdict = verdictOn(rule, answer, context)
  const entry = tagsOf(rule, answer)
  const isKnown = rendered.ok && entry.ok && body && result !== undefined
  if (isKnown && verdict.storable && isWanted(rule, answer, context)) {
    const lifetimeMs = context.lifetimeMs(rendered.key, verdict.ttlMs)
    const tags = entry.tags.length > 0 ? entry.tags : undefined
    return () => context.engine.put(rendered.key, fence, encodeJson(body), lifetimeMs, tags, rule)
  }
  return planEviction(rule, answer, context)
}

/** What the handler has written itself has been evicted since the fence, and is not stored. */
function tagsOf(rule: PutRule, { resolveValue, given }: Answer): RenderedTags {
  const declared = renderTags(rule.tags, resolveValue)
  return given ? withGiven(declared, given) : declared
}

function verdictOn(
  { ttlMs }: PutRule,
  { head, body, earlierVary }: Answer,
  { harmlessCookies }: MiddlewareContext,
): Storability {
  const facts = { status: head.status, headers: head.headers, bodyBytes: body?.length ?? 0 }
  return storability(
    facts,
    { statuses: STATUSES_OF_WRITES, vary: [], ttlMs, harmlessCookies },
    earlierVary,
    Date.now(),
  )
}

/** The write has happened, so where its answer is not stored, the old entry has to go all the same. */
function planEviction(
  rule: PutRule,
  { resolveValue }: Answer,
  { engine }: MiddlewareContext,
): () => Promise<unknown> {
  const targets = renderPatterns(rule.template, resolveValue).map(targetOf)
  return () => engine.evict(targets, null, nameOf(rule))
}

function isWanted(rule: PutRule, { result, req }: Answer, { emit }: MiddlewareContext): boolean {
  return evaluateOption(emit, rule, 'unless', () => !rule.unless?.(result, req), false)
}
