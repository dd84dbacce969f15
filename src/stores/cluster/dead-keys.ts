import type { Command } from '../redis/command-executor.js'
import type { ScriptClient } from '../redis/define-script.js'
import type { ClusterEntries } from './cluster-entries.js'
import type { ClusterIndex } from './cluster-index.js'
import type { Shard } from './cluster-names.js'

const SAMPLED_AT_ONCE = 100
/** What members of an index begin with that are no keys; see incarnations.lua and shard-tags.lua. */
const [RECORD, TAG, INCARNATION] = [253, 254, 255]
/** Behind the key in a record. */
const GAP = 255

/** Keys that are still listed although their value and their lease have expired. */
export class DeadKeys {
  readonly #entries: ClusterEntries
  readonly #index: ClusterIndex

  constructor(entries: ClusterEntries, index: ClusterIndex) {
    this.#entries = entries
    this.#index = index
  }

  /** @returns How many of the keys were dead. */
  async unlist(client: ScriptClient, keys: readonly string[]): Promise<number> {
    const counts = await Promise.all(
      keys.map(async (key) =>
        (await this.#entries.isDead(client, key)) ? this.#index.unlist(client, key) : 0,
      ),
    )
    return counts.reduce((sum, count) => sum + count, 0)
  }

  /** As Redis itself does with what has expired: a sample, and again at once while much of it is dead. */
  async sweep(shard: Shard, execute: <T>(command: Command<T>) => Promise<T>): Promise<void> {
    let [looked, dead] = [0, 0]
    do {
      ;[looked, dead] = await execute(async (client): Promise<[number, number]> => {
        const sample = await client.zrandmemberBuffer(shard.index, SAMPLED_AT_ONCE)
        const keys = [...new Set(sample.flatMap(keyOf))]
        return [keys.length, await this.unlist(client, keys)]
      })
    } while (dead > looked / 4)
  }
}

/** The key that a member of an index belongs to. */
function keyOf(member: Buffer): [] | [key: string] {
  const [first] = member
  if (first === INCARNATION) return []
  if (first === RECORD) return [String(member.subarray(1, member.indexOf(GAP)))]
  return [String(first === TAG ? member.subarray(member.indexOf(0) + 1) : member)]
}
