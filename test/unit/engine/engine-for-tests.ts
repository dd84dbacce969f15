import type { CacheEvent } from '#src/engine/cache-event.js'
import { Engine, type Reading } from '#src/engine/engine.js'
import type { Load } from '#src/engine/load.js'
import { SteerableStore } from './steerable-store.js'

const engines: Engine[] = []

// The heartbeat of one whose store is in trouble would begin probes in the midst of another test's time.
afterEach(() => {
  for (const engine of engines.splice(0)) void engine.close()
})

const NO_GRACE = { graceMs: 0, staleWhileRevalidateMs: 0 }

/** An engine over a store that a test can steer, and a clock that stands still until the test moves it. */
export function engineForTests({ leaseMs = 30_000 } = {}) {
  const clock = { now: 1_000 }
  const store = new SteerableStore(() => clock.now)
  const events: CacheEvent[] = []
  const engine = new Engine(store, leaseMs, (event) => {
    events.push(event)
  })
  engines.push(engine)
  return {
    engine,
    store,
    events,
    clock,
    read: (key = 'user:1') => engine.read(key, NO_GRACE),
    /** Reads a key that is to be loaded by the caller. */
    async lead(key = 'user:1'): Promise<Load> {
      const reading = await engine.read(key, NO_GRACE)
      if (reading.kind !== 'load') throw new Error(`it was ${reading.kind}`)
      return reading.load
    },
    types: () => events.map(({ type }) => type),
  }
}

/** What a reader got, in a form that tests can compare. */
export function told(reading: Reading): string {
  switch (reading.kind) {
    case 'load':
      return reading.stale ? `load, or ${reading.stale.value}` : 'load'
    case 'pass-through':
      return `pass-through: ${reading.reason}`
    default:
      return `${reading.kind} ${reading.value}`
  }
}

/** Lets everything go on that waits for nothing but its turn. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** What a promise rejects with. */
export function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('it did not reject')
    },
    (error: unknown) => error,
  )
}
