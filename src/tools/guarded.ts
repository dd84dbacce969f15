import { types } from 'node:util'
import { reasonOf } from './reason-of.js'

/** The process is warned of the same function no more often. */
const QUIET_MS = 60_000

const warnedAt = new WeakMap<object, number>()

/**
 * Makes a function of the user's throw where it gives a promise instead of its answer: any promise counts as true. What
 * the promise rejects with ends nothing then.
 *
 * @param fault - The error to throw.
 */
export function atOnce<Args extends unknown[], Answer>(
  ask: (...args: Args) => Answer,
  fault: () => Error,
): (...args: Args) => Answer {
  return (...args) => {
    const answer = ask(...args)
    if (!isThenable(answer)) return answer
    ignoreRejection(answer)
    throw fault()
  }
}

/**
 * Tells a function of the user's something. Where it throws, or its promise rejects, that is a warning of the process,
 * once a minute for each: an answer must not fail for it, and a logger may be what has failed.
 *
 * @param what - Whose function it is, as the warning says it.
 */
export function tellGuarded<Args extends unknown[]>(
  what: string,
  tell: (...args: Args) => unknown,
  ...args: Args
): void {
  try {
    heed(what, tell, tell(...args))
  } catch (error) {
    warnProcess(what, tell, error)
  }
}

/** The same of one thing; of which there are many, as a list of arguments takes longer. */
export function tellOneGuarded<Thing>(what: string, tell: (thing: Thing) => unknown, thing: Thing): void {
  try {
    heed(what, tell, tell(thing))
  } catch (error) {
    warnProcess(what, tell, error)
  }
}

function heed(what: string, by: object, answer: unknown): void {
  if (isThenable(answer)) answer.then(undefined, (error) => warnProcess(what, by, error))
}

/** Warns of a mistake that has nobody else to go to. */
function warnProcess(what: string, by: object, error: unknown): void {
  const now = performance.now()
  if (now - (warnedAt.get(by) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) return
  warnedAt.set(by, now)
  const stack = error instanceof Error ? `\n${error.stack}` : ''
  process.emitWarning(reasonOf(error), { type: 'ExpressCacheableWarning', detail: `${what} failed${stack}` })
}

/** Nobody waits for the promise, so that its rejection would end the process. */
export function ignoreRejection(promise: PromiseLike<unknown>): void {
  promise.then(undefined, () => {})
}

/** Whether a function can be seen to give a promise, or an iterator, whatever it is asked. */
export function isAsync(value: unknown): boolean {
  return types.isAsyncFunction(value) || types.isGeneratorFunction(value)
}

/** Whether it is a promise, or what `await` takes for one. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  const mayBe = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return mayBe && 'then' in value && typeof value.then === 'function'
}
