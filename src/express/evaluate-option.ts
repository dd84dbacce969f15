import type { CacheEvent, RuleLabel } from '../engine/cache-event.js'

/**
 * Evaluates an option that is a function. If it throws, the mistake is emitted, and `onThrow` stands for its result:
 * a request must not fail for the cache.
 */
export function evaluateOption<Answer>(
  emit: (event: CacheEvent) => void,
  rule: RuleLabel,
  option: 'condition' | 'unless' | 'schema' | 'key',
  evaluate: () => Answer,
  onThrow: Answer,
): Answer {
  try {
    return evaluate()
  } catch (error) {
    emit({ type: 'option-failed', rule, option, error })
    return onThrow
  }
}
