import type { CacheParts } from '../../cache-parts.js'
import { rulesOfMiddleware } from '../../express/middleware.js'
import { type Layer, layersOf } from '../../express/verify-routes.js'
import type { RuleMap } from '../../monitoring/rule-map.js'
import { formatDuration } from '../format.js'
import { isMendable, type Mendable, problemOf } from '../mendable.js'

/**
 * What `check` has found.
 *
 * - `mistake`: the application would not start, by `cache.ready()`.
 * - `warning`: `cache.ready()` would log it.
 * - `unevicted`: a read that no write evicts; its answers stay until their TTL.
 * - `idle`: a write that evicts nothing which any read stores.
 */
export interface Finding {
  readonly kind: 'mistake' | 'warning' | 'unevicted' | 'idle'
  /** The route, or class and method; `null` where the text says it. */
  readonly where: string | null
  readonly code: string | null
  readonly problem: string
  readonly mend: string | null
  /** The template of the keys that it is about, where it is about one. */
  readonly key: string | null
}

/** What is wrong with the rules of a cache, and how they are used. @param apps - Beside those that it knows itself. */
export function verdictOf(parts: CacheParts, apps: readonly object[]): Finding[] {
  const warnings = new Set(parts.warnings)
  const mistakes = new Map<string, Mendable>()
  const note = (error: unknown) => {
    if (!isMendable(error)) throw error
    mistakes.set(error.message, error)
  }
  for (const mistake of parts.registry.mistakes()) note(mistake)
  const known = new Set([...apps, ...parts.applications])
  const using = [...known].filter((app) => mountsRulesOf(parts, app))
  for (const app of using.length > 0 ? using : [undefined]) {
    try {
      parts.verifyUse(app, (warning) => warnings.add(warning))
    } catch (error) {
      note(error)
    }
  }
  return [...[...mistakes.values()].map(mistakeFinding), ...[...warnings].map(warningFinding)]
}

export function mistakeFinding(error: Mendable): Finding {
  return {
    kind: 'mistake',
    where: error.where ?? null,
    code: error.code,
    problem: problemOf(error),
    mend: error.mend,
    key: null,
  }
}

/** What the map shows. @param isDerived - Whether what changes in a database is evicted by itself. */
export function gapsIn(
  map: RuleMap,
  ttlOf: (read: string) => number | undefined,
  isDerived: boolean,
): Finding[] {
  const unevicted = isDerived ? [] : map.unevicted
  return [
    ...unevicted.map((name): Finding => {
      const { template } = map.reads.find((read) => read.name === name) ?? { template: '' }
      const ttlMs = ttlOf(name)
      return {
        ...{ kind: 'unevicted', where: name, code: null },
        problem: `nothing evicts '${template}': its answers stay for ${ttlMs === undefined ? 'their TTL' : formatDuration(ttlMs)}, whatever is written`,
        mend: `Add '${patternOver(template)}' to the writes that change them. If it is meant: --allow '${template}'.`,
        key: template,
      }
    }),
    ...map.idle.map((name): Finding => {
      const write = map.writes.find((each) => each.name === name)
      const targets = [...(write?.patterns ?? []), ...(write?.tags ?? []).map((tag) => `tag ${tag}`)]
      return {
        ...{ kind: 'idle', where: name, code: null },
        problem: `it evicts ${targets.map((target) => `'${target}'`).join(', ') || 'nothing'}, which no read stores`,
        mend: `Mend the pattern or the tag. If others store that: --allow '${name}'.`,
        key: null,
      }
    }),
  ]
}

function warningFinding(warning: string): Finding {
  return { kind: 'warning', where: null, code: null, problem: warning, mend: null, key: null }
}

/** Whether somebody means to have a finding: by its route or method, its key, its code or its text. */
export function isAllowed({ where, problem, code, key }: Finding, allowed: ReadonlySet<string>): boolean {
  return [where, problem, code, key].some((text) => text !== null && allowed.has(text))
}

/** A pattern over the keys of a template: a write knows the `{id}` of its own path, and no query of a read. */
function patternOver(template: string): string {
  const segments = template.split(':').map((segment) => (/\{[^}]*[.|]/.test(segment) ? '*' : segment))
  const lastFixed = segments.findLastIndex((segment) => segment !== '*')
  return segments.slice(0, Math.min(segments.length, lastFixed + 2)).join(':')
}

/** Rules that stand in one application are no mistake in another. */
function mountsRulesOf(parts: CacheParts, app: object): boolean {
  const own = new Set(parts.registry.list())
  const isOwn = ({ route, handle }: Layer): boolean =>
    (handle ? rulesOfMiddleware(handle) : []).some((rule) => own.has(rule)) ||
    [...(route?.stack ?? []), ...(handle?.stack ?? [])].some(isOwn)
  return layersOf(app).some(isOwn)
}
