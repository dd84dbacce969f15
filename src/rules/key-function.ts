import type { Request } from 'express'
import { CacheError } from '../errors.js'
import { joinParts } from '../keys/key-parts.js'
import { matchesPattern } from '../keys/match-pattern.js'
import type { RenderedKey } from '../keys/render.js'
import { parsePattern, type Template } from '../keys/template.js'
import { wrongOption } from '../tools/check-values.js'
import { atOnce, isAsync } from '../tools/guarded.js'
import { reasonOf } from '../tools/reason-of.js'

/**
 * Gives the parts of a request's key: `(req) => ['feed', req.auth?.sub]`. Each is escaped as the values of a template are,
 * and they are joined by `:`. A part that is `undefined`, `null`, `''` or no scalar means that the request is not cached.
 */
export type KeyFunction = (req: Request) => readonly unknown[]

/** How a rule makes its keys, where a function gives their parts. */
export interface FunctionKey {
  readonly function: KeyFunction
  /** Whether the rule says which keys these are; else nothing is known of them before there is one. */
  readonly isDeclared: boolean
  /** What the class puts in front. */
  readonly prefix: string
  /** @throws CacheError for whatever keeps it from giving one. */
  readonly render: (req: Request) => RenderedKey
}

const LONGEST_LABEL = 60

/** What people know a key by: its text, or what is to be seen of the function. */
export function labelOfKey(key: unknown): string {
  if (typeof key !== 'function') return String(key)
  const source = Function.prototype.toString.call(key).replaceAll(/\s+/g, ' ')
  return source.length > LONGEST_LABEL ? `${source.slice(0, LONGEST_LABEL)}…` : source
}

/**
 * The key of a rule that has a function for it.
 *
 * @param keys - The pattern that all of them are under, if the rule says so.
 * @throws CacheError `E_CACHE_OPTION`, `E_CACHE_PATTERN`.
 */
export function functionKey(
  key: KeyFunction,
  {
    keys,
    prefix,
    where,
  }: { readonly keys: string | undefined; readonly prefix: string; readonly where: string },
): { readonly functionKey: FunctionKey; readonly template: Template } {
  if (isAsync(key)) {
    throw wrongOption(where, 'the function of its key is async', 'Let it answer at once.')
  }
  const template = keys === undefined ? unknownKeys(key) : declaredKeys(prefix + keys, where)
  const ask = atOnce(key, () =>
    wrongOption(where, 'the function of its key gave a promise', 'Let it answer at once.'),
  )
  const render = (req: Request): RenderedKey => {
    const parts = partsOf(ask, req, where)
    const rendered = joinParts(prefix, parts)
    if (keys !== undefined && rendered.ok && !matchesPattern(template.text, rendered.key)) {
      throw wrongOption(
        where,
        `the function of its key gave what '${template.text}' does not cover, as the option 'keys' says it would`,
        'Widen the option, or mend the function.',
      )
    }
    return rendered
  }
  return { functionKey: { function: key, isDeclared: keys !== undefined, prefix, render }, template }
}

function partsOf(ask: KeyFunction, req: Request, where: string): readonly unknown[] {
  let parts: unknown
  try {
    parts = ask(req)
  } catch (error) {
    if (error instanceof CacheError) throw error
    throw wrongOption(
      where,
      `the function of its key threw ${reasonOf(error)}`,
      'Let it give undefined for what is not there, as in req.auth?.sub: such requests are not cached.',
    )
  }
  if (Array.isArray(parts)) return parts
  throw wrongOption(
    where,
    'the function of its key gave no list',
    `Give the parts, such as ['feed', req.auth?.sub].`,
  )
}

/** Meets no other template: what it gives is looked at when there is one, see `FunctionKeys`. */
function unknownKeys(key: KeyFunction): Template {
  return { text: labelOfKey(key), segments: [], placeholders: [] }
}

function declaredKeys(text: string, where: string): Template {
  const template = parsePattern(text, where)
  if (template.placeholders.length === 0) return template
  throw wrongOption(
    where,
    `the option 'keys' has ${template.placeholders[0]?.text} in it`,
    `Give fixed segments and stars, such as 'feed:*'.`,
  )
}
