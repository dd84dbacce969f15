import type { LookupRequest } from './redis-scripts.js'

/** A lookup that waits for the end of its turn, and for its reply. */
export interface PendingLookup<Reply> {
  readonly request: LookupRequest
  readonly resolve: (reply: Reply) => void
  readonly reject: (error: unknown) => void
}

interface Asked<Reply> {
  readonly request: LookupRequest
  readonly reply: Promise<Reply>
}

/** Then they are sent, however many turns bring another. */
const MOST_TURNS = 8

/**
 * The lookups of one turn of the event loop, of which equal ones are asked once.
 *
 * They are asked at the end of the turn, so that whoever shares an answer has asked before it was made: no eviction that
 * somebody knew of when they asked is missing from it. While answers are on their way, those of some more turns join
 * them, as long as each turn brings another: most of what a busy process spends on a lookup is its command, and one that
 * is not busy has a turn without any at once.
 */
export class SharedLookups<Reply extends { readonly kind: string }> {
  readonly #atEndOfTurn: (act: () => void) => void
  readonly #send: (pending: readonly PendingLookup<Reply>[]) => Promise<unknown>
  #pending: PendingLookup<Reply>[] = []
  #asked = new Map<string, Asked<Reply>>()
  /** How many times something was sent that is not answered. */
  #underWay = 0
  /** How many turns those that are pending have waited, and whether this one has brought another. */
  #waitedTurns = 0
  #isGrowing = false

  /** @param send - What it gives resolves once all is answered, or never will be; it does not reject. */
  constructor(
    atEndOfTurn: (act: () => void) => void,
    send: (pending: readonly PendingLookup<Reply>[]) => Promise<unknown>,
  ) {
    this.#atEndOfTurn = atEndOfTurn
    this.#send = send
  }

  ask(request: LookupRequest): Promise<Reply> {
    this.#isGrowing = true
    const asked = this.#asked.get(request.key)
    if (asked && isAlike(asked.request, request)) {
      // There is one lease, and who asked first has it: whose it is, and that others wait for its end, the store has to know.
      return asked.reply.then((reply) => (reply.kind === 'lease' ? this.ask(request) : reply))
    }
    const reply = new Promise<Reply>((resolve, reject) => {
      if (this.#pending.length === 0) this.#atEndOfTurn(() => this.#end())
      this.#pending.push({ request, resolve, reject })
    })
    this.#asked.set(request.key, { request, reply })
    return reply
  }

  #end(): void {
    const mayWait = this.#underWay > 0 && this.#isGrowing && this.#waitedTurns < MOST_TURNS
    this.#isGrowing = false
    if (mayWait) {
      this.#waitedTurns += 1
      this.#atEndOfTurn(() => this.#end())
    } else {
      void this.#sendPending()
    }
  }

  async #sendPending(): Promise<void> {
    const pending = this.#pending
    this.#pending = []
    // One that is emptied keeps what it had until V8 collects all of the heap (decision 50).
    this.#asked = new Map()
    this.#waitedTurns = 0
    this.#underWay += 1
    await this.#send(pending)
    this.#underWay -= 1
  }
}

/** Whether an answer to one is one to the other; each has a token of its own, if it wants a lease. */
function isAlike(one: LookupRequest, other: LookupRequest): boolean {
  return (
    (one.token === '') === (other.token === '') &&
    one.graceMs === other.graceMs &&
    one.leaseMs === other.leaseMs &&
    one.keyLimit === other.keyLimit &&
    one.needsTags === other.needsTags
  )
}
