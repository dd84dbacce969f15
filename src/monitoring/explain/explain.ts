import type { Request } from 'express'
import { selectorText } from '../../engine/selector-text.js'
import { frameworkRouteNamed } from '../../express/framework-routes.js'
import { expressValues, type RequestValues, valuesOfRequest } from '../../express/request-values.js'
import { UNKNOWN_USER, wantUser } from '../../express/signed-in.js'
import { namesWholeUrl } from '../../keys/whole-url.js'
import { evictionTargets, writtenBy } from '../../rules/eviction-targets.js'
import { type CacheableRule, type Rule, type WriteRule } from '../../rules/rule.js'
import { entryReport } from '../entry-report.js'
import { mendOf } from '../mends.js'
import { recordedEvents } from '../process-report.js'
import type { EntryReport, EventRecord, ExplainedStep, ExplainQuestion, Explanation } from '../reports.js'
import { storyOf } from '../story.js'
import type { ExplainParts } from './explain-parts.js'
import { type MadeUpRequest, madeUpRequest } from './made-up-request.js'
import { requestSteps } from './request-steps.js'
import { type RouteFound, routesFor } from './routes-for.js'
import { storeSteps } from './store-steps.js'

/**
 * What the cache of this process would do with a request, rule by rule, in the order in which the request would meet them.
 * Nothing is sent, no handler and no middleware runs: who is signed in is what the question says.
 *
 * @param app - Beside those that the process is known to serve.
 * @returns Nothing, where no route takes the request.
 */
export async function explain(
  parts: ExplainParts,
  question: ExplainQuestion,
  app?: object,
): Promise<readonly Explanation[]> {
  const asked = { ...question, method: question.method.toUpperCase(), url: withSlash(question.url) }
  const applications = new Set([...(app ? [app] : []), ...parts.applications])
  const explained = new Set<Rule>()
  const explanations: Explanation[] = []
  for (const application of applications) {
    for (const route of routesFor(application, asked.method, asked.url)) {
      const found = ofFramework(route, parts)
      const rules = found.rules.filter((rule) => !explained.has(rule))
      for (const rule of rules) explained.add(rule)
      explanations.push(...(await explainRoute(parts, application, asked, { ...found, rules })))
    }
  }
  const ofRules = explanations.filter(({ rule }) => rule !== NO_RULE)
  return ofRules.length > 0 ? ofRules : explanations.slice(0, 1)
}

const NO_RULE = ''

/** Routes of Express that a framework has made do not show the rules that it runs within them. */
function ofFramework(found: RouteFound, { registry }: ExplainParts): RouteFound {
  if (found.rules.length > 0 || found.name === null) return found
  const framework = frameworkRouteNamed(found.name, registry.list())
  return framework ? { ...found, framework, rules: framework.rules } : found
}

async function explainRoute(
  parts: ExplainParts,
  app: object,
  question: ExplainQuestion,
  found: RouteFound,
): Promise<readonly Explanation[]> {
  const reads = found.rules.filter((rule): rule is CacheableRule => rule.kind === 'cacheable')
  const writes = found.rules.filter((rule): rule is WriteRule => rule.kind !== 'cacheable')
  const explained: Explanation[] = []
  for (const rule of reads) {
    const request = madeUpRequest(app, question, found)
    explained.push(await explainRead(rule, parts, request, found))
  }
  if (writes.length > 0) {
    explained.push(explainWrite(writes, parts, madeUpRequest(app, question, found), found))
  }
  return explained.length > 0 ? explained : [withoutRule(parts, found)]
}

async function explainRead(
  rule: CacheableRule,
  parts: ExplainParts,
  request: MadeUpRequest,
  found: RouteFound,
): Promise<Explanation> {
  const values = valuesFor([rule], parts, request, found)
  const { steps: ofRequest, key, bypass, unknowns } = requestSteps(rule, parts, request, values)
  const about = {
    ...{ process: parts.identity.name, rule: rule.where, route: found.name, template: rule.key, key },
  }
  const first = [...routeSteps(rule, found), ...ofRequest]
  if (bypass !== null) {
    return { ...about, steps: first, entry: null, next: { xCache: 'BYPASS', because: bypass } }
  }
  if (key === null) return { ...about, steps: first, entry: null, next: unknownNext(unknowns) }
  const stored = await storeSteps(rule, key, parts, request, values)
  const next =
    unknowns.length === 0
      ? stored.next
      : unknownNext(unknowns, `otherwise ${stored.next.xCache}: ${stored.next.because}`)
  const steps = [...first, ...stored.steps, ...lastTime(key, parts)]
  return { ...about, steps, entry: await entryOf(key, parts), next }
}

function routeSteps(rule: CacheableRule, { name }: RouteFound): readonly ExplainedStep[] {
  const route = name ?? 'in front of many routes, mounted by use()'
  const isMountedWrong = name === null && !namesWholeUrl(rule.template)
  return [
    { check: 'route', outcome: isMountedWrong ? 'stops' : 'passes', detail: route },
    { check: 'rule', outcome: 'passes', detail: `${rule.where}, for ${rule.ttlMs / 1_000} s` },
  ]
}

/** What the rules' middleware would take from the request. */
function valuesFor(
  rules: readonly Rule[],
  { context }: ExplainParts,
  request: MadeUpRequest,
  { route, framework }: RouteFound,
): RequestValues {
  const { req, unknowns } = request
  const user = wantUser(rules) ? signedIn(req, request, context.userOf) : undefined
  const unknown = (what: string): void => {
    unknowns.add(what)
  }
  if (framework) return framework.valuesOf(req, user, unknown)
  const values = expressValues(req, route as RequestValues['route'], () => user)
  return values
}

/** What became of the key the last time that this process loaded or evicted it, which mostly is why it is not there. */
function lastTime(key: string, { monitor }: ExplainParts): readonly ExplainedStep[] {
  const story = storyOf(recordedEvents(monitor), key)
  const last = story.findLast(({ type }) => TELLING.has(type))
  if (!last) return []
  const by = last.type === 'evict' && last.who !== null ? ` by ${last.who}` : ''
  const reason = last.text.replace(/^not stored: /, '')
  const mend = last.type === 'not-stored' ? mendOf(reason) : undefined
  return [{ check: 'last time', outcome: 'passes', detail: last.text + by, ...(mend && { mend }) }]
}

/** What says why an entry is there, or is not. */
const TELLING: ReadonlySet<EventRecord['type']> = new Set([
  ...(['fill', 'fill-refused', 'not-stored', 'put', 'evict', 'discard', 'foreign'] as const),
])

/** By the option `user`, where it can tell; else who the question says. */
function signedIn(
  req: Request,
  { user, unknowns }: MadeUpRequest,
  userOf: ((req: Request) => unknown) | undefined,
): unknown {
  if (!userOf) return Reflect.get(req, 'user')
  const asked = userOf(req)
  const isTold = unknowns.size === 0 && asked !== UNKNOWN_USER
  if (isTold) return asked
  if (user === undefined) return undefined
  unknowns.clear()
  return user
}

/** The entry itself comes before all others whose keys begin with its own. */
async function entryOf(key: string, { engine, registry }: ExplainParts): Promise<EntryReport | null> {
  const page = await engine.browse({ prefix: key, limit: 1 })
  const [entry] = page?.entries ?? []
  return entry?.key === key ? entryReport(entry, registry.readerOf(key)) : null
}

function unknownNext(unknowns: readonly string[], otherwise?: string): Explanation['next'] {
  const because = `only the request itself can tell: ${unknowns.join(', ')}`
  return { xCache: 'UNKNOWN', because: otherwise === undefined ? because : `${because}; ${otherwise}` }
}

function explainWrite(
  rules: readonly WriteRule[],
  parts: ExplainParts,
  request: MadeUpRequest,
  found: RouteFound,
): Explanation {
  const values = valuesFor(rules, parts, request, found)
  const targets = evictionTargets(rules.map(writtenBy), valuesOfRequest(request.req, values)).map(
    selectorText,
  )
  const unknowns = [...request.unknowns].sort()
  const removes = targets.length > 0 ? targets.join(', ') : 'nothing'
  const steps: ExplainedStep[] = [
    { check: 'route', outcome: 'passes', detail: found.name ?? 'mounted by use()' },
    {
      check: 'evicts',
      outcome: unknowns.length > 0 ? 'unknown' : 'passes',
      detail:
        unknowns.length > 0 ? `${removes}; what names ${unknowns.join(', ')} stands for any here` : removes,
    },
  ]
  return {
    ...{ process: parts.identity.name, route: found.name, key: null, entry: null, steps },
    rule: [...new Set(rules.map(({ where }) => where))].join(', '),
    template: rules.flatMap((rule) => writtenBy(rule).patterns.map(({ text }) => text)).join(', '),
    next: { xCache: 'NONE', because: `it is a write: once it has succeeded, it removes ${removes}` },
  }
}

function withoutRule({ identity }: ExplainParts, { name }: RouteFound): Explanation {
  const detail = `${name} has no rule`
  const mend = 'Put cache.cacheable() or @Cacheable on it, if its answers may be cached.'
  return {
    ...{ process: identity.name, rule: NO_RULE, route: name, template: '', key: null, entry: null },
    steps: [{ check: 'route', outcome: 'stops', detail, mend }],
    next: { xCache: 'NONE', because: detail },
  }
}

function withSlash(url: string): string {
  return url.startsWith('/') ? url : `/${url}`
}
