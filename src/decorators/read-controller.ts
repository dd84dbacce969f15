import { CacheError } from '../errors.js'
import { checkOptions } from '../rules/check-options.js'
import type { EventDeclaration } from '../rules/declaration.js'
import type { Duration } from '../rules/duration.js'
import { resolveRule } from '../rules/resolve-rule.js'
import type { Rule } from '../rules/rule.js'
import { classConfigOf, declarationsOf, methodNamesOf, noteMethodRead } from './metadata.js'

/** What the decorators of one method ask for. */
export interface MethodRules {
  readonly rules: readonly Rule[]
  readonly events: readonly EventDeclaration[]
}

/**
 * Reads what decorators recorded for all methods of a controller, and checks it.
 *
 * @param caller - The public call that was given the controller, for the error.
 * @param isCall - Whether its methods are called, without a request.
 * @throws CacheError naming class and method; `E_CACHE_OPTION` for what is no instance of a class.
 */
export function readController(
  controller: object,
  defaultTtl: Duration,
  caller: string,
  { isCall = false } = {},
): ReadonlyMap<string, MethodRules> {
  checkInstance(controller, caller)
  const classType = controller.constructor
  // A field that holds a function is a method to whoever calls it.
  const fields = Object.entries(controller).filter(([, value]) => typeof value === 'function')
  const methods = new Set([...methodNamesOf(classType), ...fields.map(([name]) => name)])
  return new Map([...methods].map((method) => [method, readMethod(classType, method, defaultTtl, isCall)]))
}

/** Reads one method of a class. @throws CacheError naming class and method. */
export function readMethod(
  classType: object,
  method: string,
  defaultTtl: Duration,
  isCall = false,
): MethodRules {
  noteMethodRead(classType, method)
  const declarations = declarationsOf(classType, method)
  const events = declarations.filter((declaration) => declaration.kind === 'event')
  const where = `${('name' in classType && classType.name) || 'a class without a name'}.${method}`
  const classConfig = classConfigOf(classType)
  const rules = declarations
    .filter((declaration) => declaration.kind !== 'event')
    .map((declaration) =>
      resolveRule(declaration, { where, classConfig, defaultTtl, isEventHandler: events.length > 0, isCall }),
    )
  checkTogether(rules, where)
  for (const event of events) checkEvent(event, where)
  return { rules, events }
}

function checkInstance(controller: unknown, caller: string): void {
  const isObject = typeof controller === 'object' && controller !== null
  const prototype = isObject ? Object.getPrototypeOf(controller) : null
  if (prototype !== null && prototype !== Object.prototype && prototype !== Array.prototype) return
  const isClass = typeof controller === 'function'
  const got = isClass ? 'a class' : isObject ? 'a plain object' : String(controller)
  throw new CacheError('E_CACHE_OPTION', {
    where: caller,
    problem: `it got ${got}, not an instance of a class`,
    mend: `Pass 'new ${(isClass && controller.name) || 'MyController'}()'.`,
  })
}

function checkEvent({ topic, eventType, options }: EventDeclaration, where: string): void {
  checkOptions('@OnEvent', options, where)
  if ([topic, eventType].every((text) => typeof text === 'string' && text !== '')) return
  throw new CacheError('E_CACHE_BUS', {
    where,
    problem: '@OnEvent has no topic or no type of event',
    mend: `Name both: @OnEvent('user.events', 'USER_CREATED').`,
  })
}

function checkTogether(rules: readonly Rule[], where: string): void {
  const reads = rules.filter(({ kind }) => kind === 'cacheable').length
  if (reads > 1) {
    throw new CacheError('E_CACHE_RULE_CONFLICT', {
      where,
      problem: '@Cacheable stands there twice',
      mend: 'An answer has one key: keep one of them.',
    })
  }
  if (reads === 1 && rules.length > 1) {
    throw new CacheError('E_CACHE_RULE_CONFLICT', {
      where,
      problem: '@Cacheable stands beside @CacheEvict or @CachePut',
      mend: 'On a hit the method does not run, so it cannot be a write as well: make two methods of it.',
    })
  }
}
