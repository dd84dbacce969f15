import { matchesPattern } from '../keys/match-pattern.js'
import { requireKey, requireTag } from '../keys/raw-key.js'
import { targetOf } from '../rules/eviction-targets.js'
import type { Selector } from '../stores/store.js'
import { CliError } from './cli-error.js'

/** What a command line selects of the keys: a pattern in which whole segments may be `*`, or what keys begin with. */
export interface KeyFilter {
  /** What all keys of it begin with. */
  readonly prefix: string
  readonly covers: (key: string) => boolean
}

/**
 * The keys that a text selects, for looking: a pattern, or without a star the beginning of keys.
 *
 * @throws CliError for a star within a segment.
 */
export function keyFilter(text: string): KeyFilter {
  if (!text.includes('*')) return { prefix: text, covers: () => true }
  requirePattern(text)
  return { prefix: text.slice(0, text.indexOf('*')), covers: (key) => matchesPattern(text, key) }
}

/** What an eviction by a pattern or a key is to remove. @throws CliError, CacheError */
export function patternSelector(pattern: string): Selector {
  requirePattern(pattern)
  requireKey(pattern, 'evict')
  return targetOf(pattern)
}

/** @throws CacheError */
export function keySelector(key: string): Selector {
  requireKey(key, 'evict --key')
  return { kind: 'key', key }
}

/** @throws CacheError */
export function tagSelector(tag: string): Selector {
  requireTag(tag, 'evict --tag')
  return { kind: 'tag', tag }
}

function requirePattern(pattern: string): void {
  const segment = pattern.split(':').find((each) => each.includes('*') && each !== '*')
  if (segment === undefined) return
  const whole = pattern
    .split(':')
    .map((each) => (each.includes('*') ? '*' : each))
    .join(':')
  throw new CliError(
    `the star in '${segment}' stands for a part of a segment, and it can stand for whole ones alone`,
    `Segments are what colons separate: write '${whole}'. At the end a star stands for one or more of them.`,
  )
}
