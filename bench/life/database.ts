import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { DEFAULT_CONFIG } from '#demo/config.js'

/** What the database says of a key. */
export interface Stored {
  /** Of the thing, or of the list. */
  readonly version: number
  /** Of the lists that show it: one more with each write to one of their things. */
  readonly groupVersion: number
}

/** A client of the database, as an app has it: one connection, any number of calls at once. */
export class Database {
  readonly #waiting = new Map<number, (stored: Stored) => void>()
  readonly #socket
  #lastId = 0

  constructor(port: number) {
    this.#socket = connect({ host: DEFAULT_CONFIG.host, port, noDelay: true })
    createInterface({ input: this.#socket }).on('line', (line) => {
      const [id, version, groupVersion] = line.split(' ').map(Number) as [number, number, number]
      this.#waiting.get(id)?.({ version, groupVersion })
      this.#waiting.delete(id)
    })
  }

  read(key: number): Promise<Stored> {
    return this.#call(key, false)
  }

  write(thing: number): Promise<Stored> {
    return this.#call(thing, true)
  }

  #call(key: number, isWrite: boolean): Promise<Stored> {
    this.#lastId += 1
    const id = this.#lastId
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      this.#socket.write(`${id} ${key} ${isWrite ? 1 : 0}\n`)
    })
  }
}

export function encodeAnswer(id: number, { version, groupVersion }: Stored): string {
  return `${id} ${version} ${groupVersion}\n`
}
