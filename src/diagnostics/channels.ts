import { channel, type TracingChannel, tracingChannel } from 'node:diagnostics_channel'
import { TracedMessage } from './traced-message.js'

/*
 * What any part of a process may listen to, without asking the application for its cache: docs/reference/telemetry.md.
 */

/** Which cache a message is of: the same object in all messages of one. */
export interface ObservedCache {
  readonly keyPrefix: string
}

/** Whose load it is. */
interface ObservedRule {
  readonly where: string
  readonly key: string
}

/** A load: what runs to give a key its value. */
export class LoadMessage extends TracedMessage {
  readonly cache: ObservedCache
  readonly rule: ObservedRule | null
  readonly key: string
  /** Whether it runs behind an answer that has been given already. */
  readonly isReload: boolean
  /** From `asyncStart` on, where there is a value for others. */
  bytes?: number
  /** With its grace. */
  ttlMs?: number
  /**
   * `asyncEnd` alone: it was stored, was refused by the store (evicted meanwhile, or late), was no value for others, or was given
   * up because nobody waited for it.
   */
  result?: 'stored' | 'refused' | 'unshareable' | 'cancelled'
  /** Why it was no value for others. */
  reason?: string | undefined

  constructor(of: Pick<LoadMessage, 'cache' | 'rule' | 'key' | 'isReload'>) {
    super()
    this.cache = of.cache
    this.rule = of.rule
    this.key = of.key
    this.isReload = of.isReload
  }
}

/** An eviction, until the store has acknowledged it or it is known to be pending. */
export class EvictionMessage extends TracedMessage {
  readonly cache: ObservedCache
  /** The write's route, or class and method, or the call; `null` where nobody knows. */
  readonly by: string | null
  /** Keys, patterns and tags, as log lines say them. */
  readonly targets: readonly string[]
  /** `asyncEnd` alone: how many values it has removed; `null` where it is pending, as the store has not acknowledged it. */
  removed?: number | null

  constructor(of: Pick<EvictionMessage, 'cache' | 'by' | 'targets'>) {
    super()
    this.cache = of.cache
    this.by = of.by
    this.targets = of.targets
  }
}

/** Each `CacheEvent`, as `{ cache, event }`. */
export const EVENTS = channel('express-cacheable:event')
export const LOADS: TracingChannel<unknown, LoadMessage> = tracingChannel('express-cacheable:load')
export const EVICTIONS: TracingChannel<unknown, EvictionMessage> = tracingChannel('express-cacheable:evict')
