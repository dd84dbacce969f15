import { CacheError } from '../errors.js'
import type { Declaration } from '../rules/declaration.js'
import type { Duration } from '../rules/duration.js'
import { resolveRule } from '../rules/resolve-rule.js'
import type { Rule } from '../rules/rule.js'
import { classConfigOf, declarationsOf, methodNamesOf } from './metadata.js'

/** What the decorators of one method ask for. */
export interface MethodRules {
  readonly rules: readonly Rule[]
  readonly events: readonly Extract<Declaration, { kind: 'event' }>[]
}

/**
 * Reads what decorators recorded for all methods of a controller, and checks it.
 *
 * @param caller - The public call that was given the controller, for the error.
 * @throws CacheError naming class and method; `E_CACHE_OPTION` for what is no instance of a class.
 */
export function readController(
  controller: object,
  defaultTtl: Duration,
  caller: string,
): ReadonlyMap<string, MethodRules> {
  if (typeof controller !== 'object' || controller === null) {
    const name = typeof controller === 'function' ? (controller as { name: string }).name : 'MyController'
    throw new CacheError('E_CACHE_OPTION', {
      where: caller,
      problem: `it got ${typeof controller === 'function' ? 'a class' : String(controller)}, not an instance`,
      mend: `Pass 'new ${name}()'.`,
    })
  }
  const classType = controller.constructor
  return new Map(
    methodNamesOf(classType).map((method) => [method, readMethod(classType, method, defaultTtl)]),
  )
}

/** Reads one method of a class. @throws CacheError naming class and method. */
export function readMethod(classType: object, method: string, defaultTtl: Duration): MethodRules {
  const declarations = declarationsOf(classType, method)
  const events = declarations.filter((declaration) => declaration.kind === 'event')
  const where = `${(classType as { name?: string }).name || 'a class without a name'}.${method}`
  const classConfig = classConfigOf(classType)
  const rules = declarations
    .filter((declaration) => declaration.kind !== 'event')
    .map((declaration) =>
      resolveRule(declaration, { where, classConfig, defaultTtl, isEventHandler: events.length > 0 }),
    )
  checkTogether(rules, where)
  return { rules, events }
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
