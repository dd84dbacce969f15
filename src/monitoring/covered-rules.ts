import { SEGMENT_SEPARATOR } from '../keys/match-pattern.js'
import { canMeet } from '../keys/overlap.js'
import { ANY, keyAsTemplate, type Template } from '../keys/template.js'
import type { CacheableRule, Rule } from '../rules/rule.js'
import { tableOfTag } from './table-of-tag.js'

const TAG = 'tag '
/** An eviction of more is looked at as far as that. */
const MOST_TARGETS = 100
/** Texts that a request can choose are among the first segments. */
const MOST_BEGINNINGS = 1_000

/** Says which rules an eviction may have been about, by the texts of its targets. */
export class CoveredRules {
  readonly #rules: () => readonly Rule[]
  readonly #tablesOf: (rule: CacheableRule) => ReadonlySet<string>
  #reads: readonly CacheableRule[] = []
  #known = 0
  readonly #byBeginning = new Map<string, readonly CacheableRule[]>()

  /** @param tablesOf - Those that entries of a rule were seen to be made from. */
  constructor(rules: () => readonly Rule[], tablesOf: (rule: CacheableRule) => ReadonlySet<string>) {
    this.#rules = rules
    this.#tablesOf = tablesOf
  }

  of(targets: readonly string[]): ReadonlySet<CacheableRule> {
    this.#learnRules()
    const found = new Set<CacheableRule>()
    for (const target of targets.slice(0, MOST_TARGETS)) {
      const rules = target.startsWith(TAG)
        ? this.#carrying(target.slice(TAG.length))
        : this.#keyedLike(target)
      for (const rule of rules) found.add(rule)
    }
    return found
  }

  #learnRules(): void {
    const rules = this.#rules()
    if (rules.length === this.#known) return
    this.#known = rules.length
    this.#reads = rules.filter((rule): rule is CacheableRule => rule.kind === 'cacheable')
    this.#byBeginning.clear()
  }

  #keyedLike(target: string): readonly CacheableRule[] {
    const pattern = patternAsTemplate(target)
    const [beginning = ''] = target.split(SEGMENT_SEPARATOR, 1)
    let candidates = this.#byBeginning.get(beginning)
    if (!candidates) {
      candidates = this.#reads.filter(({ template }) => mayBeginWith(template, beginning))
      if (this.#byBeginning.size < MOST_BEGINNINGS) this.#byBeginning.set(beginning, candidates)
    }
    return candidates.filter(({ template }) => canMeet(template, pattern))
  }

  #carrying(tag: string): readonly CacheableRule[] {
    const table = tableOfTag(tag)
    const given = keyAsTemplate(tag)
    return this.#reads.filter(
      (rule) =>
        (table !== undefined && this.#tablesOf(rule).has(table)) ||
        rule.tags.some((template) => canMeet(template, given)),
    )
  }
}

/** A rendered pattern as a template: a segment that is `*` stands for any. */
function patternAsTemplate(pattern: string): Template {
  const segments = pattern.split(SEGMENT_SEPARATOR).map((segment) => (segment === ANY ? ANY : [segment]))
  return { text: pattern, segments, placeholders: [] }
}

function mayBeginWith({ segments }: Template, beginning: string): boolean {
  const [first] = segments
  if (first === undefined) return false
  const isFixed = first !== ANY && first.length === 1 && typeof first[0] === 'string'
  return !isFixed || beginning === ANY || first[0] === beginning
}
