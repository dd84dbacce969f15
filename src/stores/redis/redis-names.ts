/** The names of a key's value and lease, and of the index that lists the key. */
export interface EntryNames {
  readonly index: string
  readonly value: string
  readonly lease: string
}

/**
 * Under which names a store with one Redis keeps what. All begin with the prefix, so that a user of Redis needs no more
 * than `<prefix>*`.
 *
 * Beside a value under exactly `<prefix><key>` there are, each with an expiry and each with a `#` in its name, where no
 * rendered key has one, and no other key that a caller may give (`keys/raw-key.ts` has to know the names):
 *
 * - `<prefix>#lease:<key>`: the token of the one reader that may fill the key.
 * - `<prefix>#index` and its pages: all keys that have a value or a lease, sorted, so that those with a common prefix
 *   are found. Evictions by pattern see a key only through it; see `lua/pieces/listed-in-pages.lua`.
 * - `<prefix>#fences`: a hash of the tokens of groups.
 * - `<prefix>#intents`: a hash of the intents of writes that are under way; see `lua/pieces/intents.lua`.
 * - `<prefix>#server`: the Redis server that all this was written to.
 * - `<prefix>#members`: the processes that use all this, and when each last said that it has no pending evictions.
 * - `<prefix>#calls`: the newest roll call that each of them has answered; see `lua/membership.lua`.
 */
export class RedisNames {
  readonly prefix: string
  readonly index: string
  readonly fences: string
  readonly intents: string
  readonly server: string
  readonly members: string
  readonly calls: string

  constructor(prefix: string) {
    this.prefix = prefix
    this.index = `${prefix}#index`
    this.fences = `${prefix}#fences`
    this.intents = `${prefix}#intents`
    this.server = `${prefix}#server`
    this.members = `${prefix}#members`
    this.calls = `${prefix}#calls`
  }

  entry(key: string): EntryNames {
    return { index: this.index, value: this.prefix + key, lease: `${this.prefix}#lease:${key}` }
  }
}
