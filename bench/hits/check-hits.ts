import { CommandError } from '#demo/command-error.js'
import { JSON_TYPE, pathOf, type Size, textOf } from './items.js'
import { OURS } from './ours.js'
import type { RunningSubject } from './running-subject.js'

const MOST_SHOWN = 1_000

/**
 * Asks for everything three times, so that no speed comes from a wrong answer; the last two are hits.
 *
 * @throws {CommandError} When an answer is not what all have to give, or was made anew.
 */
export async function checkHits(running: RunningSubject, sizes: readonly Size[]): Promise<void> {
  const { subject, url } = running
  const ask = (size: Size) => checkAnswer(subject.name, url + pathOf(size), textOf(size))
  for (const size of sizes) await ask(size)
  const loads = await loadsOf([running])
  for (const size of [...sizes, ...sizes]) {
    const xCache = await ask(size)
    if (OURS.includes(subject) && xCache !== 'HIT')
      throw new CommandError(`${subject.name}: X-Cache is ${xCache}.`)
  }
  await checkLoads([running], loads)
}

/** How often each has made an answer anew. */
export function loadsOf(running: readonly RunningSubject[]): Promise<number[]> {
  return Promise.all(running.map(async ({ usage }) => (await usage()).loads))
}

/** @throws {CommandError} When one has made an answer anew since. */
export async function checkLoads(
  running: readonly RunningSubject[],
  before: readonly number[],
): Promise<void> {
  const after = await loadsOf(running)
  for (const [index, { subject }] of running.entries()) {
    const missed = (after[index] ?? 0) - (before[index] ?? 0)
    if (missed > 0) throw new CommandError(`${subject.name}: ${missed} answers were no hits.`)
  }
}

/** @returns Its `X-Cache`. */
async function checkAnswer(name: string, url: string, expected: string): Promise<string | null> {
  const answer = await fetch(url)
  const text = await answer.text()
  const type = answer.headers.get('content-type')
  if (answer.status === 200 && type === JSON_TYPE && text === expected) return answer.headers.get('x-cache')
  throw new CommandError(
    `${name}: ${url} was answered with ${answer.status}, ${type}: ${text.slice(0, MOST_SHOWN)}`,
  )
}
