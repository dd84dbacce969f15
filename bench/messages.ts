import type { DemoConfig } from '#demo/config.js'

/** The first message to the process of a demo. */
export interface StartMessage {
  readonly config: DemoConfig
  /** The instant to seed as of, in epoch milliseconds: the same for all, so that they have the same data. */
  readonly seededAt: number
}

/** Its answer, once it listens. */
export interface StartedMessage {
  readonly url: string
  /** For people: which database is in use. */
  readonly database: string
  readonly isStoreAvailable: boolean
  /** Who can sign in; the first is an admin. */
  readonly people: readonly Person[]
}

export interface Person {
  readonly id: number
  readonly role: string
  readonly token: string
}

/** The answer to every later message: what has happened so far. */
export interface Counts {
  /** SQL statements sent to the database. */
  readonly queries: number
  readonly hits: number
  readonly misses: number
}
