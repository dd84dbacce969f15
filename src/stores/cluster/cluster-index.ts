import type { ScriptClient } from '../redis/define-script.js'
import { newToken } from '../redis/tokens.js'
import { groupOf, type KeyLimit } from '../store.js'
import { type ClusterNames, type Shard, shardNumberOfKey } from './cluster-names.js'
import {
  type ClaimInput,
  claim,
  count,
  extend,
  forget,
  type ListInput,
  list,
  readListed,
} from './cluster-scripts.js'
import {
  type KnownTags,
  type RegisterInput,
  readTags,
  register,
  type SettleInput,
  settle,
} from './cluster-tag-scripts.js'

/** How often a reader asks again because the index was lost meanwhile. */
const MAX_TURNS = 10

interface Listing {
  readonly isListed: boolean
  readonly incarnation: string
}

/** Keys that a shard is about to be asked for. */
interface AskedListings {
  readonly keys: string[]
  readonly reply: ReturnType<typeof readListed>
}

/** The index of a cluster: which keys count, spread over shards by their groups. */
export class ClusterIndex {
  readonly #names: ClusterNames
  /** What each shard's incarnation was when last seen (see incarnations.lua). */
  readonly #incarnations: string[] = []
  readonly #asked = new Map<Shard, AskedListings>()

  constructor(names: ClusterNames) {
    this.#names = names
  }

  /** Reads from the key's slot and asks the index at once, until the index was the same before and after. */
  async withListing<T>(
    client: ScriptClient,
    key: string,
    read: () => Promise<T>,
  ): Promise<{ readonly found: T; readonly isListed: boolean }> {
    const shard = shardNumberOfKey(key)
    for (let turn = 0; turn < MAX_TURNS; turn += 1) {
      const before = this.#incarnations[shard]
      const [found, { isListed, incarnation }] = await Promise.all([read(), this.#listing(client, key)])
      this.#incarnations[shard] = incarnation
      if (!isListed || incarnation === before) return { found, isListed }
    }
    throw new Error(`The index was lost ${MAX_TURNS} times while a key was looked up`)
  }

  /** What the index says of a key. Those of a shard that are asked about in one go share a script. */
  async #listing(client: ScriptClient, key: string): Promise<Listing> {
    const shard = this.#names.shardOf(key)
    const asked = this.#asked.get(shard) ?? this.#askSoon(client, shard)
    const nth = asked.keys.push(key) - 1
    const { areListed, incarnation } = await asked.reply
    return { isListed: areListed[nth] === true, incarnation }
  }

  #askSoon(client: ScriptClient, shard: Shard): AskedListings {
    const keys: string[] = []
    const send = () => {
      this.#asked.delete(shard)
      return readListed(client, shard, { keys })
    }
    const asked = { keys, reply: Promise.resolve().then(send) }
    this.#asked.set(shard, asked)
    return asked
  }

  /**
   * Enters a key.
   *
   * @returns `listed` and when that was; `unknown`, if the key had to be listed and was not; or `full` and some keys that
   *   the limit counts.
   */
  list(client: ScriptClient, listed: Omit<ListInput, 'incarnation'>): ReturnType<typeof list> {
    return list(client, this.#names.shardOf(listed.key), { ...listed, incarnation: newToken() })
  }

  /** What is left of a key limit for the shard of a key. */
  async limitOfShard(
    client: ScriptClient,
    key: string,
    keyLimit: KeyLimit | undefined,
  ): Promise<KeyLimit | undefined> {
    if (!keyLimit) return undefined
    const elsewhere = await this.#countElsewhere(client, this.#names.shardOf(key), keyLimit.prefix)
    return { prefix: keyLimit.prefix, maxKeys: keyLimit.maxKeys - elsewhere }
  }

  /** Enters a key for a value that is about to be stored, if its fence stands. */
  claim(client: ScriptClient, claimed: Omit<ClaimInput, 'incarnation'>): ReturnType<typeof claim> {
    return claim(client, this.#names.shardOf(claimed.key), { ...claimed, incarnation: newToken() })
  }

  extend(client: ScriptClient, key: string, lifetimeMs: number): Promise<void> {
    return extend(client, this.#names.shardOf(key), { lifetimeMs })
  }

  /** Takes a key out with its tags. @returns How many there were: one or none. */
  unlist(client: ScriptClient, key: string): Promise<number> {
    return forget(client, this.#names.shardOf(key), { key })
  }

  /** Gives a key the tags of a value that is about to be stored. */
  register(client: ScriptClient, registered: RegisterInput): ReturnType<typeof register> {
    return register(client, this.#names.shardOf(registered.key), registered)
  }

  /** Leaves a key the tags of the value that is there. */
  settle(client: ScriptClient, settled: SettleInput): Promise<void> {
    return settle(client, this.#names.shardOf(settled.key), settled)
  }

  /** @returns All that a value under the key carries; `null`, where nobody knows. */
  tagsOf(client: ScriptClient, key: string): Promise<KnownTags | null> {
    return readTags(client, this.#names.shardOf(key), { key })
  }

  /** Keys that begin alike and yet lie in other shards: none, if what they begin with ends a segment. */
  async #countElsewhere(client: ScriptClient, own: Shard, start: string): Promise<number> {
    if (groupOf(start).length < start.length) return 0
    const others = this.#names.shards.filter((shard) => shard !== own)
    const counts = await Promise.all(others.map((shard) => count(client, shard, { start })))
    return counts.reduce((sum, each) => sum + each, 0)
  }
}
