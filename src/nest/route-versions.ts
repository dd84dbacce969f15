import { CacheError } from '../errors.js'
import { shapeOf } from '../keys/overlap.js'
import type { CacheableRule } from '../rules/rule.js'

interface Claim {
  readonly rule: CacheableRule
  readonly versions: string
}

/** Sees to it that two versions of a route do not answer with each other's entries. */
export class RouteVersions {
  readonly #claims = new Map<string, Claim>()

  /** @throws CacheError `E_CACHE_KEY_OVERLAP` where a route of other versions has the same key. */
  claim(rule: CacheableRule, versionsOfRoute: readonly string[]): void {
    const versions = [...versionsOfRoute].sort().join(', ')
    // Entries of another `version` are misses.
    const key = `${shapeOf(rule.template)}#${rule.version ?? ''}`
    const other = this.#claims.get(key) ?? { rule, versions }
    this.#claims.set(key, other)
    if (other.versions === versions) return
    throw new CacheError('E_CACHE_KEY_OVERLAP', {
      where: rule.where,
      problem: `the key '${rule.key}' is that of ${other.rule.where} too, and Nest serves them as ${versionText(versions)} and as ${versionText(other.versions)}: each would answer with the other's entries`,
      mend: `Give each its own, such as @Cacheable('${rule.key}', ttl, { version: '2' }).`,
    })
  }
}

function versionText(versions: string): string {
  return versions === '' ? 'no version' : `version ${versions}`
}
