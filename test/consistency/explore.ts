import { Scheduler, type Step } from './scheduler.js'

/** A point at which several steps could have been next. */
interface Choice {
  readonly enabled: readonly string[]
  chosen: number
}

/**
 * Plays the same story in every order in which its steps can be taken, each time from its beginning (stateless
 * model checking: depth first, by replaying a prefix of choices and then taking what comes first).
 *
 * @param play - Starts the actors, runs the scheduler and checks how it went. It must depend on the order only.
 * @returns How many orders there are.
 * @throws The first failure, with the order that leads to it.
 */
export async function explore(play: (scheduler: Scheduler) => Promise<void>): Promise<number> {
  const path: Choice[] = []
  for (let count = 1; ; count += 1) {
    await playAlong(path, play)
    while (isExhausted(path.at(-1))) path.pop()
    const last = path.at(-1)
    if (!last) return count
    last.chosen += 1
  }
}

/** Takes the choices of the path, and adds those that come after them. */
async function playAlong(path: Choice[], play: (scheduler: Scheduler) => Promise<void>): Promise<void> {
  let depth = 0
  const scheduler = new Scheduler((steps) => {
    const enabled = steps.map(lineOf)
    const choice = path[depth] ?? { enabled, chosen: 0 }
    if (String(choice.enabled) !== String(enabled)) throw new Error('the same choices led somewhere else')
    path[depth] = choice
    depth += 1
    return choice.chosen
  })
  try {
    await play(scheduler)
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`${problem}, in this order:\n${scheduler.steps.map(lineOf).join('\n')}`, { cause })
  }
}

function isExhausted(choice: Choice | undefined): boolean {
  return choice !== undefined && choice.chosen === choice.enabled.length - 1
}

function lineOf({ actor, label }: Step): string {
  return `${actor}: ${label}`
}
