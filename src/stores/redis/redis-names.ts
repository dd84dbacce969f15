import type { GatheringNames } from './redis-gathering.js'

/** The names of what belongs to a key, and of the index that lists it. */
export interface EntryNames {
  readonly index: string
  readonly value: string
  readonly lease: string
  /** Of its tags. */
  readonly record: string
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
 * - `<prefix>#tags:<key>`: the tags of the entry, if it has any; which entries a tag has is in the last page of the index.
 * - `<prefix>#marks`: when each tag was last evicted; see `lua/pieces/tags.lua` and `lua/pieces/tag-marks.lua`.
 * - `<prefix>#fences`: a hash of the tokens of groups.
 * - `<prefix>#intents`: a hash of the intents of writes that are under way; see `lua/pieces/intents.lua`.
 * - `<prefix>#server`: the Redis server that all this was written to.
 * - `<prefix>#members`: the processes that use all this, and when each last said that it has no pending evictions.
 * - `<prefix>#calls`: the newest roll call that each of them has answered; see `lua/membership.lua`.
 * - `<prefix>#name`: what they call themselves where others hear of them.
 * - `<prefix>#dictionary:<id>` and `<prefix>#agreed:<rule>`: what values are packed with; see `redis-shelf.ts`.
 *
 * And for some seconds, while somebody looks at the processes (see `Gathering`):
 *
 * - `<prefix>#watch`: that somebody does.
 * - `<prefix>#report:<process>`: what a process says of itself.
 * - `<prefix>#questions`: what all processes are asked, sorted by when; `<prefix>#answer:<process>:<question>`: what one
 *   answers.
 */
export class RedisNames implements GatheringNames {
  readonly prefix: string
  readonly index: string
  readonly fences: string
  readonly intents: string
  readonly marks: string
  readonly server: string
  readonly members: string
  readonly calls: string
  readonly name: string
  readonly watch: string
  readonly questions: string

  constructor(prefix: string) {
    this.prefix = prefix
    this.index = `${prefix}#index`
    this.fences = `${prefix}#fences`
    this.intents = `${prefix}#intents`
    this.marks = `${prefix}#marks`
    this.server = `${prefix}#server`
    this.members = `${prefix}#members`
    this.calls = `${prefix}#calls`
    this.name = `${prefix}#name`
    this.watch = `${prefix}#watch`
    this.questions = `${prefix}#questions`
  }

  report(process: string): string {
    return `${this.prefix}#report:${process}`
  }

  answer(process: string, questionId: string): string {
    return `${this.prefix}#answer:${process}:${questionId}`
  }

  entry(key: string): EntryNames {
    const value = this.prefix + key
    return {
      index: this.index,
      value,
      lease: `${this.prefix}#lease:${key}`,
      record: `${this.prefix}#tags:${key}`,
    }
  }
}
