import { Scheduler, type Step } from './scheduler.js'

export type Play = (scheduler: Scheduler) => Promise<void>

/** Whether two steps have the same effect whichever of them comes first. */
export type AreIndependent = (one: Step, other: Step) => boolean

/** A point at which several steps could have been next. */
interface Choice {
  readonly enabled: readonly Step[]
  /** Those whose turn it is not, or not any more, by their place in `enabled`. */
  readonly asleep: Set<number>
  chosen: number
  /** Who had taken a step before. */
  readonly begun: ReadonlySet<string>
}

/**
 * Plays the same story in every order in which its steps can be taken, each time from its beginning (stateless
 * model checking: depth first, by replaying a prefix of choices and then taking what comes first).
 *
 * Of orders that differ only in which of two independent steps comes first, one is played: a step that has been
 * tried at a point sleeps in what is tried there after it, until a step comes that is not independent of it
 * (Godefroid, "Partial-Order Methods for the Verification of Concurrent Systems", 1996, section 5.2). An actor's
 * first step is never taken for independent: a check may ask what had happened before it.
 *
 * @param play - Starts the actors, runs the scheduler and checks how it went. It must depend on the order only.
 * @returns How many orders were played to their end.
 * @throws The first failure, with the order that leads to it.
 */
export async function explore(play: Play, areIndependent: AreIndependent = () => false): Promise<number> {
  const path: Choice[] = []
  let count = 0
  do {
    if (await playAlong(path, play, areIndependent)) count += 1
  } while (turnToNext(path))
  return count
}

/** Takes the choices of the path, and adds those that come after them. @returns Whether it came to an end. */
async function playAlong(path: Choice[], play: Play, areIndependent: AreIndependent): Promise<boolean> {
  let depth = 0
  let allSleep = false
  const scheduler = new Scheduler((enabled) => {
    const choice = path[depth] ?? choiceAfter(path.at(-1), [...enabled], scheduler.steps, areIndependent)
    if (String(choice.enabled.map(lineOf)) !== String(enabled.map(lineOf))) {
      throw new Error('the same choices led somewhere else')
    }
    allSleep = choice.chosen < 0
    if (allSleep) throw new Error('all that could come has been played')
    path[depth] = choice
    depth += 1
    return choice.chosen
  })
  try {
    await play(scheduler)
  } catch (cause) {
    if (allSleep) return false
    throw inThisOrder(cause, scheduler)
  }
  return true
}

function choiceAfter(
  last: Choice | undefined,
  enabled: readonly Step[],
  steps: readonly Step[],
  areIndependent: AreIndependent,
): Choice {
  const asleep = new Set<number>()
  for (const nth of last?.asleep ?? []) {
    // Those that stay keep their order, and new ones come after them.
    if (last && isIndependentOfChosen(last, nth, areIndependent))
      asleep.add(nth > last.chosen ? nth - 1 : nth)
  }
  return {
    enabled,
    asleep,
    chosen: firstAwake(enabled, asleep),
    begun: new Set(steps.map(({ actor }) => actor)),
  }
}

function isIndependentOfChosen(
  { enabled, chosen, begun }: Choice,
  nth: number,
  areIndependent: AreIndependent,
) {
  const [one, other] = [enabled[nth], enabled[chosen]]
  if (!one || !other || !begun.has(one.actor) || !begun.has(other.actor)) return false
  return areIndependent(one, other)
}

/** Makes the last choice another that is left, and forgets those of which none is. @returns Whether there is one. */
function turnToNext(path: Choice[]): boolean {
  for (let last = path.at(-1); last; last = path.at(-1)) {
    last.asleep.add(last.chosen)
    last.chosen = firstAwake(last.enabled, last.asleep)
    if (last.chosen >= 0) return true
    path.pop()
  }
  return false
}

function firstAwake(enabled: readonly Step[], asleep: ReadonlySet<number>): number {
  return enabled.findIndex((_, nth) => !asleep.has(nth))
}

export function inThisOrder(cause: unknown, { steps }: Scheduler): Error {
  const problem = cause instanceof Error ? cause.message : String(cause)
  return new Error(`${problem}, in this order:\n${steps.map(lineOf).join('\n')}`, { cause })
}

function lineOf({ actor, label }: Step): string {
  return `${actor}: ${label}`
}
