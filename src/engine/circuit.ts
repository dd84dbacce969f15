import {
  CircuitState as BreakerState,
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
} from 'cockatiel'
import { CacheError } from '../errors.js'

/** `closed`: the store is asked. `open`: it is not. `half-open`: it is tried. */
export type CircuitState = 'closed' | 'open' | 'half-open'

export interface CircuitOptions {
  /** Tries the store; resolves if it may be asked again. */
  readonly probe: () => Promise<void>
  readonly onChange: (state: CircuitState) => void
}

/** So many questions in a row without an answer, and no more are asked. */
export const SILENCES = 5
const PROBE_EVERY_MS = 500

const STATES = new Map<BreakerState, CircuitState>([
  [BreakerState.Closed, 'closed'],
  [BreakerState.Open, 'open'],
  [BreakerState.HalfOpen, 'half-open'],
])

/**
 * Keeps requests from waiting for a store that does not answer (the circuit breaker of Nygard, *Release It!*).
 *
 * No request ever tries the store: a probe of its own does, twice a second, so that not even one of them waits. An
 * answer that refuses something (no memory, read-only) is an answer.
 */
export class Circuit {
  readonly #breaker: CircuitBreakerPolicy
  readonly #probe: () => Promise<void>
  #nextProbe: NodeJS.Timeout | undefined
  #state: CircuitState = 'closed'
  #isTroubled = false
  #isEnded = false

  constructor({ probe, onChange }: CircuitOptions) {
    this.#probe = probe
    this.#breaker = circuitBreaker(handleWhen(isFailure), {
      halfOpenAfter: 0,
      breaker: new ConsecutiveBreaker(SILENCES),
    })
    this.#breaker.onStateChange((state) => {
      this.#state = STATES.get(state) ?? 'open'
      onChange(this.#state)
    })
    this.#breaker.onBreak(() => this.#probeLater())
  }

  get state(): CircuitState {
    return this.#state
  }

  /** Asks, unless the circuit is open. @throws CacheError `E_CACHE_STORE_UNAVAILABLE` at once, if it is. */
  run<T>(question: () => Promise<T>): Promise<T> {
    return this.#state === 'closed' ? this.#askBreaker(question) : Promise.reject(notAsked())
  }

  /** The breaker counts silences in a row. While there are none, a question need not pass through it. */
  async #askBreaker<T>(question: () => Promise<T>): Promise<T> {
    if (this.#isTroubled) {
      const answer = await this.#breaker.execute(question)
      this.#isTroubled = false
      return answer
    }
    try {
      return await question()
    } catch (error) {
      this.#isTroubled = true
      return this.#breaker.execute(() => Promise.reject(error))
    }
  }

  /** Ends the probes. */
  end(): void {
    this.#isEnded = true
    clearTimeout(this.#nextProbe)
  }

  /** A probe that is refused has not shown that the store may be asked again. */
  async #tryStore(): Promise<void> {
    try {
      await this.#probe()
    } catch (cause) {
      throw new Error('the store is not ready yet', { cause })
    }
  }

  #probeLater(): void {
    if (this.#isEnded) return
    this.#nextProbe = setTimeout(() => {
      this.#breaker.execute(() => this.#tryStore()).catch(() => {})
    }, PROBE_EVERY_MS)
    this.#nextProbe.unref()
  }
}

/** Silence, not a refusal. */
function isFailure(error: unknown): boolean {
  return !(error instanceof CacheError && error.code === 'E_CACHE_STORE_REFUSED')
}

function notAsked(): CacheError {
  return new CacheError('E_CACHE_STORE_UNAVAILABLE', {
    problem: 'the store has not answered, and is not asked until it does',
    mend: 'Requests are answered without the cache meanwhile; check that Redis runs and can be reached.',
  })
}
