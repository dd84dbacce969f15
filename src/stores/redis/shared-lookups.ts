import type { LookupReply } from './lookup-reply.js'
import type { LookupRequest } from './redis-scripts.js'

/** A lookup that waits for the end of its turn, and for its reply. */
export interface PendingLookup {
  readonly request: LookupRequest
  readonly resolve: (reply: LookupReply) => void
  readonly reject: (error: unknown) => void
}

interface Asked {
  readonly request: LookupRequest
  readonly reply: Promise<LookupReply>
}

/**
 * The lookups of one turn of the event loop, of which equal ones are asked once.
 *
 * They are asked at the end of the turn, so that whoever shares an answer has asked before it was made: no eviction that
 * somebody knew of when they asked is missing from it.
 */
export class SharedLookups {
  readonly #atEndOfTurn: (act: () => void) => void
  readonly #send: (pending: readonly PendingLookup[]) => void
  #pending: PendingLookup[] = []
  #asked = new Map<string, Asked>()

  constructor(atEndOfTurn: (act: () => void) => void, send: (pending: readonly PendingLookup[]) => void) {
    this.#atEndOfTurn = atEndOfTurn
    this.#send = send
  }

  async ask(request: LookupRequest): Promise<LookupReply> {
    const asked = this.#asked.get(request.key)
    if (asked && isAlike(asked.request, request)) {
      const reply = await asked.reply
      // There is one lease, and who asked first has it: whose it is, and that others wait for its end, the store has to know.
      return reply.kind === 'lease' ? this.ask(request) : reply
    }
    const reply = new Promise<LookupReply>((resolve, reject) => {
      if (this.#pending.length === 0) this.#atEndOfTurn(() => this.#end())
      this.#pending.push({ request, resolve, reject })
    })
    this.#asked.set(request.key, { request, reply })
    return reply
  }

  #end(): void {
    const pending = this.#pending
    this.#pending = []
    // One that is emptied keeps what it had until V8 collects all of the heap (decision 50).
    this.#asked = new Map()
    this.#send(pending)
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
