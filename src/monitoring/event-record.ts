import type { CacheEvent, RuleLabel } from '../engine/cache-event.js'
import { reasonOf } from '../tools/reason-of.js'
import type { KeptEvent } from './event-ring.js'
import type { EventRecord } from './reports.js'

/** Names of targets, tags and rows that one line shows. */
const MOST_NAMES = 12

/** What people know a rule by. */
export type NameRule = (label: RuleLabel) => string

/** An event as people read it. */
export function eventRecord({ nth, at, event }: KeptEvent, nameRule: NameRule): EventRecord {
  const targets = 'targets' in event ? event.targets : undefined
  const removed = 'removed' in event ? event.removed : undefined
  const ms = 'ms' in event ? event.ms : undefined
  return {
    ...{ nth, at, type: event.type, who: whoOf(event, nameRule), key: keyOf(event), text: textOf(event) },
    ...(targets && { targets }),
    ...(removed !== undefined && { removed }),
    ...(ms !== undefined && { ms: Math.round(ms * 1_000) / 1_000 }),
  }
}

function whoOf(event: CacheEvent, nameRule: NameRule): string | null {
  if (event.type === 'evict') return event.by
  if (event.type === 'forgotten') return event.write
  if (event.type === 'barrier') return event.database
  if ('rule' in event) return event.rule && nameRule(event.rule)
  return 'name' in event ? event.name : null
}

function keyOf(event: CacheEvent): string | null {
  return 'key' in event ? event.key : null
}

function textOf(event: CacheEvent): string {
  switch (event.type) {
    case 'hit':
      return `answered from the store in ${ms(event.ms)}`
    case 'stale':
      return `answered from the store past its TTL, in ${ms(event.ms)}`
    case 'miss':
      return event.collapsed
        ? `waited ${ms(event.ms)} for the handler of another request`
        : `the handler took ${ms(event.ms)}`
    case 'reload':
      return `reloaded behind an answer, in ${ms(event.ms)}`
    case 'bypass':
      return `went past the cache: ${event.reason}`
    case 'fill':
      return `stored ${event.bytes} bytes for ${seconds(event.ttlMs)}${tagsOf(event.tags)}`
    case 'fill-refused':
      return 'not stored: it was evicted while it was loaded, or took longer than its lease'
    case 'not-stored':
      return `not stored: ${event.reason}`
    case 'write-failed':
      return `answered ${event.status}, so nothing was evicted`
    case 'put':
      return event.stored
        ? `stored a write's answer, ${event.bytes} bytes`
        : "a write's answer was not stored"
    case 'evict':
      return `removed ${event.removed}: ${names(event.targets)}`
    case 'intent':
      return `removed ${event.removed} ahead of a write: ${names(event.targets)}`
    case 'intent-missed':
      return `goes on without an intent: ${names(event.targets)}`
    case 'evict-kept':
      return `owed, as the store did not acknowledge it: ${names(event.targets)}`
    case 'evict-delivered':
      return `delivered what was owed: ${names(event.targets)}`
    case 'barrier':
      return event.passed
        ? `a write's answer waited ${ms(event.ms)} for the database`
        : `the database was late, so all that was made from its rows was evicted, after ${ms(event.ms)}`
    case 'forgotten':
      return `left although what it was made from has changed: ${names(event.tags)}`
    case 'audit':
      return auditText(event)
    case 'discard':
      return `discarded: ${event.reason}`
    case 'foreign':
      return `left alone: a ${event.found} that is not the cache's lies there`
    case 'option-failed':
      return `the option '${event.option}' threw ${reasonOf(event.error)}`
    case 'warm':
      return `warming: ${event.done} of ${event.total}, ${event.warmed} stored`
    case 'warm-stopped':
      return `warming stopped after ${event.stored}: ${event.reason}`
    case 'circuit':
      return `the circuit is ${event.state}`
    case 'store-down':
      return `the store stopped answering: ${reasonOf(event.error)}`
    case 'store-up':
      return 'the store answers again'
  }
}

function auditText({
  outcome,
  fields = [],
  staleForMs = 0,
  reason,
}: Extract<CacheEvent, { type: 'audit' }>): string {
  switch (outcome) {
    case 'agreed':
      return 'asked again: the handler answers what is stored'
    case 'settled':
      return 'asked again: it differed, and went, was replaced or agreed within a minute'
    case 'stale':
      return `stale for ${seconds(staleForMs)} at least: ${names(fields)} differ`
    case 'unclear':
      return `asked again, with nothing to compare: ${reason}`
    case 'skipped':
      return `not asked again: ${reason}`
  }
}

function ms(duration: number): string {
  return duration < 10 ? `${duration.toFixed(2)} ms` : `${duration.toFixed(0)} ms`
}

function seconds(durationMs: number): string {
  return `${Math.round(durationMs / 100) / 10} s`
}

function tagsOf(tags: readonly string[]): string {
  return tags.length === 0 ? '' : `, tags ${names(tags)}`
}

function names(all: readonly string[]): string {
  const more = all.length - MOST_NAMES
  return more > 0 ? `${all.slice(0, MOST_NAMES).join(', ')} and ${more} more` : all.join(', ')
}
