import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate as immediate } from 'node:timers/promises'
import type { Store } from '#src/stores/store.js'

/** One thing that an actor does to what it shares with others. */
export interface Step {
  readonly actor: string
  readonly label: string
}

/** One for all schedulers: Node goes on looking after each that was ever made, at every promise. */
const currentActor = new AsyncLocalStorage<string>()

interface Pending extends Step {
  take(): Promise<void>
}

/**
 * Lets several actors go on one step at a time, in an order that somebody else chooses.
 *
 * An actor is any code that `start` runs. Whatever it asks of something `gated` waits until it is chosen; what
 * is asked from outside of actors goes through at once. What one actor asks at the same time may come in any order.
 */
export class Scheduler {
  readonly steps: Step[] = []
  readonly #choose: (enabled: readonly Step[]) => number
  readonly #unfinished = new Set<string>()
  readonly #failures: unknown[] = []
  readonly #pending: Pending[] = []
  /** How many steps had been taken when each actor last called its store. */
  readonly #calledAt = new Map<string | undefined, number>()
  #waiting: { readonly actor: string | undefined; readonly goOn: () => void }[] = []

  /** @param choose - Gets those steps that could be next, and says which one is. */
  constructor(choose: (enabled: readonly Step[]) => number) {
    this.#choose = choose
  }

  start(actor: string, act: () => Promise<void>): void {
    this.#unfinished.add(actor)
    currentActor
      .run(actor, act)
      .catch((error: unknown) => this.#failures.push(error))
      .finally(() => this.#unfinished.delete(actor))
  }

  /** The same object, but each call of a method by an actor is a step. */
  gated<Target extends object>(target: Target): Target {
    return intercepted(target, (label, call) => this.step(label, call))
  }

  /**
   * The same store, but who waits for a lease waits until somebody else has taken a step, and looks up again.
   * Waiting changes nothing that others could see, so it is no step: when to look up again is the choice.
   */
  withoutTimers(store: Store): Store {
    return intercepted(store, (name, call) => {
      if (name === 'waitForLease') return this.#othersMove()
      this.#calledAt.set(currentActor.getStore(), this.steps.length)
      return call()
    })
  }

  /** What is not asked of something gated, but shared all the same. */
  step<Result>(label: string, act: () => Result): Result | Promise<Awaited<Result>> {
    const actor = currentActor.getStore()
    if (actor === undefined) return act()
    return new Promise<Awaited<Result>>((resolve, reject) => {
      const take = async () => {
        try {
          resolve(await act())
        } catch (error) {
          reject(error)
        }
      }
      this.#pending.push({ actor, label, take })
    })
  }

  /** Runs until every actor has finished. @throws What an actor throws, or when nobody can go on. */
  async run(): Promise<void> {
    for (;;) {
      await everybodyWaits()
      if (this.#pending.length === 0) break
      const [next] = this.#pending.splice(this.#choose(this.#pending), 1)
      if (!next) throw new Error('a step was chosen that is not there')
      this.steps.push(next)
      await next.take()
      this.#wake(next.actor)
    }
    if (this.#failures.length > 0) throw this.#failures[0]
    if (this.#unfinished.size > 0) throw new Error(`${[...this.#unfinished].join(', ')} cannot go on`)
  }

  async #othersMove(): Promise<'timeout'> {
    const actor = currentActor.getStore()
    const isOwn = (step: Step) => step.actor === actor
    const since = this.steps.slice(this.#calledAt.get(actor))
    // A lookup of several steps may be told of a lease that ends before it is over.
    if (!since.slice(since.findIndex(isOwn)).every(isOwn)) return 'timeout'
    await new Promise<void>((goOn) => this.#waiting.push({ actor, goOn }))
    return 'timeout'
  }

  #wake(mover: string): void {
    const woken = this.#waiting.filter(({ actor }) => actor !== mover)
    this.#waiting = this.#waiting.filter(({ actor }) => actor === mover)
    for (const { goOn } of woken) goOn()
  }
}

/**
 * The reply to the only step under way is there, so all that actors still do before they wait at a gate or for
 * each other are microtasks, which run before an immediate, and lookups, which leave by one at the end of their turn.
 */
async function everybodyWaits(): Promise<void> {
  await immediate()
  await immediate()
}

function intercepted<Target extends object>(
  target: Target,
  through: (name: string, call: () => unknown) => unknown,
): Target {
  return new Proxy(target, {
    get(_, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return (...args: unknown[]) => through(String(name), () => member.apply(target, args))
    },
  })
}
