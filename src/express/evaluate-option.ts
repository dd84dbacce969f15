import type { CacheEvent, RuleLabel } from '../engine/cache-event.js'

/**
 * What an option that is a function says. If it throws, the mistake is told, and `onThrow` stands for its word: a
 * request is not to fail for the cache.
 */
export function evaluateOption<Answer>(
  emit: (event: CacheEvent) => void,
  rule: RuleLabel,
  option: 'condition' | 'unless',
  ask: () => Answer,
  onThrow: Answer,
): Answer {
  try {
    return ask()
  } catch (error) {
    emit({ type: 'option-failed', rule, option, error })
    return onThrow
  }
}
