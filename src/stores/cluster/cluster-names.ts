import calculateSlot from 'cluster-key-slot'
import type { GatheringNames } from '../redis/redis-gathering.js'
import { groupOf } from '../store.js'

/** The slot of a name, 0 to 16,383. */
export const slotOf: (name: string) => number = calculateSlot

/** Over how many sorted sets the index is spread, each with the keys of some groups. */
const SHARDS = 16

/** The names of a key's value and lease, in one slot. */
export interface EntryNames {
  readonly value: string
  readonly lease: string
}

/** One part of the index, and the fences of the same groups, in one slot; and when each tag was last evicted from it. */
export interface Shard {
  readonly index: string
  readonly fences: string
  readonly marks: string
}

export function shardsOf(keyPrefix: string): readonly Shard[] {
  return Array.from({ length: SHARDS }, (_, nth) => ({
    index: `${keyPrefix}#{${nth}}index`,
    fences: `${keyPrefix}#{${nth}}fences`,
    marks: `${keyPrefix}#{${nth}}marks`,
  }))
}

/** The number of a key's shard. It is that of its group, and so of all keys with that first segment. */
export function shardNumberOfKey(key: string): number {
  // Braces make a hash tag, of which there shall be none in a group.
  return slotOf(groupOf(key).replaceAll('{', '')) % SHARDS
}

/**
 * A name for the lease of a key, in the slot of its value: what stands between the first `{` and the next `}` alone
 * decides the slot, if it is not empty (Redis Cluster specification, "Hash tags"). No prefix has braces.
 */
export function leaseNameOf(keyPrefix: string, key: string): string {
  const start = `${keyPrefix}#lease:`
  if (!/[{}]/.test(key)) return `${start}{${keyPrefix}${key}}`
  const [, tag = numberInSlot(slotOf(keyPrefix + key))] = /^[^{]*\{([^}]+)\}/.exec(key) ?? []
  return `${start}{${tag}}:${key}`
}

/** One text in 16,384 lies in a slot, so some ten thousand have to be tried. Rendered keys have no braces. */
function numberInSlot(slot: number): number {
  let number = 0
  while (slotOf(String(number)) !== slot) number += 1
  return number
}

/** Under which names a store with a cluster keeps what: all begin with the prefix, as in `RedisNames`. */
export class ClusterNames implements GatheringNames {
  readonly prefix: string
  readonly shards: readonly Shard[]
  /** The processes that share the cache. */
  readonly members: string
  /** The newest roll call that each of them has answered. */
  readonly calls: string
  /** What they call themselves where others hear of them. */
  readonly name: string
  /** What processes say while somebody looks; in one slot with the processes, as all of this. */
  readonly watch: string
  readonly questions: string

  constructor(prefix: string) {
    this.prefix = prefix
    this.shards = shardsOf(prefix)
    this.members = `${prefix}#{0}members`
    this.calls = `${prefix}#{0}calls`
    this.name = `${prefix}#{0}name`
    this.watch = `${prefix}#{0}watch`
    this.questions = `${prefix}#{0}questions`
  }

  report(process: string): string {
    return `${this.prefix}#{0}report:${process}`
  }

  answer(process: string, questionId: string): string {
    return `${this.prefix}#{0}answer:${process}:${questionId}`
  }

  value(key: string): string {
    return this.prefix + key
  }

  entry(key: string): EntryNames {
    return { value: this.value(key), lease: leaseNameOf(this.prefix, key) }
  }

  /** Where a key, or a whole group, is listed. */
  shardOf(keyOrGroup: string): Shard {
    const shard = this.shards[shardNumberOfKey(keyOrGroup)]
    if (!shard) throw new RangeError('There is no such shard')
    return shard
  }
}
