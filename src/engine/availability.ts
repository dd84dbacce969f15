import { CacheError } from '../errors.js'
import type { CacheEvent } from './cache-event.js'

/**
 * How this process takes the store to be.
 *
 * - `up`: it answered last.
 * - `down`: it did not answer last, or refused. Requests still send it commands.
 * - `suspended`: too often in a row it did not answer. No command is sent.
 * - `probing`: the same, but one probe is under way.
 */
export type AvailabilityState = 'up' | 'down' | 'suspended' | 'probing'

/** `closed`: requests send commands. `open`: they do not. `half-open`: a probe alone does. */
export type CircuitState = 'closed' | 'open' | 'half-open'

/** So many commands in a row without an answer, and no more are sent. */
export const SILENCES = 5

type Input = 'answer' | 'trouble' | 'silences' | 'probe' | 'ready' | 'not-ready'

/** What does not stand here changes nothing: an answer that comes late, say, does not end a suspension. */
const NEXT: Readonly<Record<AvailabilityState, Readonly<Partial<Record<Input, AvailabilityState>>>>> = {
  up: { trouble: 'down' },
  down: { answer: 'up', silences: 'suspended' },
  suspended: { probe: 'probing' },
  probing: { ready: 'up', 'not-ready': 'suspended' },
}

const CIRCUIT: Readonly<Record<AvailabilityState, CircuitState>> = {
  up: 'closed',
  down: 'closed',
  suspended: 'open',
  probing: 'half-open',
}

export interface AvailabilityOptions {
  readonly emit: (event: CacheEvent) => void
  /** Runs when commands stop, before any listener hears of it. */
  readonly onSuspended: () => void
}

/**
 * Whether the store is there, as one state; and with it the circuit breaker (Nygard, *Release It!*) that keeps requests
 * from waiting for a store that does not answer.
 *
 * No request ever tries the store: a probe does, so that not even one of them waits. This is why no library's breaker
 * stands here: those let a request through to try, and have no state for a store in trouble that requests still use.
 */
export class Availability {
  readonly #options: AvailabilityOptions
  #state: AvailabilityState = 'up'
  #silences = 0

  constructor(options: AvailabilityOptions) {
    this.#options = options
  }

  get state(): AvailabilityState {
    return this.#state
  }

  get circuit(): CircuitState {
    return CIRCUIT[this.#state]
  }

  /** Whether requests send it commands. */
  get takesCommands(): boolean {
    return this.#state === 'up' || this.#state === 'down'
  }

  /** The store has answered a command. */
  answered(): void {
    // Before anything else: nearly always there is nothing to change.
    if (this.#state !== 'down') return
    this.#silences = 0
    this.#take('answer')
  }

  /** The store has not answered a command, or has refused it. */
  failed(error: unknown): void {
    if (!this.takesCommands) return
    this.#take('trouble', error)
    if (isRefusal(error)) return
    this.#silences += 1
    if (this.#silences >= SILENCES) this.#take('silences')
  }

  /** Something is wrong, though no command has met it yet. */
  troubled(error: unknown): void {
    this.#take('trouble', error)
  }

  /** @returns Whether a probe may begin. */
  probe(): boolean {
    return this.#take('probe')
  }

  /** The probe has found all well. */
  ready(): void {
    this.#silences = 0
    this.#take('ready')
  }

  /** The probe has not: no answer, a refusal, or others who have not come back yet. */
  notReady(): void {
    this.#take('not-ready')
  }

  #take(input: Input, error?: unknown): boolean {
    const from = this.#state
    const to = NEXT[from][input]
    if (to === undefined) return false
    this.#state = to
    const { emit, onSuspended } = this.#options
    if (input === 'silences') onSuspended()
    if (from === 'up') emit({ type: 'store-down', error })
    if (to === 'up') emit({ type: 'store-up' })
    if (CIRCUIT[from] !== CIRCUIT[to]) emit({ type: 'circuit', state: CIRCUIT[to] })
    return true
  }
}

/** A refusal (no memory, read-only) is an answer: it costs no wait. */
function isRefusal(error: unknown): boolean {
  return error instanceof CacheError && error.code === 'E_CACHE_STORE_REFUSED'
}
