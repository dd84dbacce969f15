import { hash } from 'node:crypto'
import type { Dictionary } from '../dictionaries/dictionary.js'
import type { Proposal, Shelf } from '../dictionaries/shelf.js'
import { REDIS_LUA } from '../lua/scripts.generated.js'
import { defineScript } from './define-script.js'
import { readSaid } from './gathering-scripts.js'
import type { RedisConnection } from './redis-connection.js'

/** DEFLATE looks back no further. */
const MOST_DICTIONARY_BYTES = 32_768

const keep = defineScript({
  command: 'cacheableKeep',
  source: REDIS_LUA.keep,
  keys: ['dictionary'],
  encode: ({ bytes, lifetimeMs }: { bytes: Buffer; lifetimeMs: number }) => [bytes, Math.ceil(lifetimeMs)],
  decode: () => {},
})

const agree = defineScript({
  command: 'cacheableAgree',
  source: REDIS_LUA.agree,
  keys: ['agreed'],
  encode: ({ proposal, lifetimeMs }: { proposal: Proposal | null; lifetimeMs: number }) => [
    proposal?.id ?? '',
    proposal?.replaced ?? '',
    Math.ceil(lifetimeMs),
  ],
  decode: (id: string | null) => id,
})

export const SHELF_SCRIPTS = [keep, agree]

export interface RedisShelfOptions {
  readonly connection: Pick<RedisConnection, 'execute'>
  readonly keyPrefix: string
}

/**
 * Dictionaries in Redis, or in a cluster: each command is about one key, which may lie in any slot.
 *
 * - `<prefix>#dictionary:<id>`: the bytes.
 * - `<prefix>#agreed:<hash of the rule's name>`: the id of the one that is in use.
 */
export class RedisShelf implements Shelf {
  readonly #connection: RedisShelfOptions['connection']
  readonly #keyPrefix: string

  constructor({ connection, keyPrefix }: RedisShelfOptions) {
    this.#connection = connection
    this.#keyPrefix = keyPrefix
  }

  find(id: string): Promise<Buffer | null> {
    const asked = { mostBytes: MOST_DICTIONARY_BYTES }
    return this.#connection.execute((client) => readSaid(client, { said: this.#named(id) }, asked))
  }

  keep({ id, bytes }: Dictionary, lifetimeMs: number): Promise<void> {
    const names = { dictionary: this.#named(id) }
    return this.#connection.execute((client) => keep(client, names, { bytes, lifetimeMs }))
  }

  agree(rule: string, proposal: Proposal | null, lifetimeMs: number): Promise<string | null> {
    // A name of a rule is as long as its template.
    const agreed = `${this.#keyPrefix}#agreed:${hash('sha256', rule, 'base64url').slice(0, 16)}`
    return this.#connection.execute((client) => agree(client, { agreed }, { proposal, lifetimeMs }))
  }

  async drop(id: string): Promise<void> {
    await this.#connection.execute((client) => client.unlink(this.#named(id)))
  }

  #named(id: string): string {
    return `${this.#keyPrefix}#dictionary:${id}`
  }
}
