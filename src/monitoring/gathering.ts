import { randomUUID } from 'node:crypto'
import type { Engine } from '../engine/engine.js'
import { type Gathering, MOST_QUESTION_BYTES } from '../stores/gathering.js'
import type { Store } from '../stores/store.js'
import { realTime, sleep } from '../tools/real-time.js'
import type { Monitoring, Question } from './monitoring.js'
import { reportIn, valueIn } from './report-text.js'
import type { ProcessReport } from './reports.js'

/** What is needed of a cache's parts to look at it, and at the other processes that share its store. */
export interface LookedAt {
  readonly engine: Pick<Engine, 'gathering'>
  readonly monitoring: Pick<Monitoring, 'noteLook' | 'report' | 'answer'>
}

export interface GatherOptions {
  /**
   * How long to wait for processes that have said nothing yet: they learn within a second that somebody looks. Without it,
   * those are left out.
   */
  readonly withinMs?: number | undefined
}

/** How long whoever asks waits for answers: heartbeats that bring the question come once a second. */
const ANSWERED_WITHIN_MS = 2_500
const LOOK_AGAIN_AFTER_MS = 100

/**
 * Says for some seconds that somebody looks at all processes. Not needed by those who gather reports, which says so too.
 */
export async function startLooking({ engine, monitoring }: LookedAt): Promise<void> {
  monitoring.noteLook()
  await orNothing(engine.gathering?.look(), [])
}

/**
 * What all processes that share the store say of themselves, this one first. Where the store does not answer, or is in this
 * process, this one alone. Call it about once a second: while nobody does, the processes say nothing. Never rejects.
 */
export async function gatherReports(
  { engine, monitoring }: LookedAt,
  options: GatherOptions = {},
): Promise<ProcessReport[]> {
  monitoring.noteLook()
  const others = await gatherFrom(engine.gathering, options)
  const own = monitoring.report()
  return own ? [own, ...others.filter(({ id }) => id !== own.id)] : others
}

/** The same by the store alone, for one who is no process of the application. */
export function gather(
  { gathering }: Pick<Store, 'gathering'>,
  options: GatherOptions = {},
): Promise<ProcessReport[]> {
  return gatherFrom(gathering ?? null, options)
}

/**
 * Asks all processes that share the store, this one first, and waits for their answers for 2.5 seconds at most. Never
 * rejects.
 *
 * @param isAnswer - Whether what a process answers is what is asked for: it may be of another version.
 */
export async function ask<Answer>(
  { engine, monitoring }: LookedAt,
  question: Question,
  isAnswer: (value: unknown) => value is Answer,
): Promise<Answer[]> {
  monitoring.noteLook()
  const id = randomUUID()
  const [own, others] = await Promise.all([
    monitoring.answer(id, question),
    askThrough(engine.gathering, id, question),
  ])
  return [own, ...others].filter(isAnswer)
}

/** Lets all processes that share the store hear a question to which nobody needs an answer, within about a second. Never rejects. */
export async function tellAll({ engine }: Pick<LookedAt, 'engine'>, question: Question): Promise<void> {
  const { gathering } = engine
  if (!gathering) return
  // Processes hear of questions while somebody looks.
  await orNothing(gathering.look(), [])
  await orNothing(gathering.ask({ id: randomUUID(), text: JSON.stringify(question) }), false)
}

/** The same by the store alone, for one who is no process of the application. */
export async function askStore<Answer>(
  { gathering }: Pick<Store, 'gathering'>,
  question: Question,
  isAnswer: (value: unknown) => value is Answer,
): Promise<Answer[]> {
  const answers = await askThrough(gathering ?? null, randomUUID(), question)
  return answers.filter(isAnswer)
}

async function gatherFrom(
  gathering: Gathering | null,
  { withinMs = 0 }: GatherOptions,
): Promise<ProcessReport[]> {
  const endsAt = realTime.now() + withinMs
  for (;;) {
    const processes = await orNothing(gathering?.look(), [])
    const texts = await Promise.all(processes.map((process) => orNothing(gathering?.reportOf(process), null)))
    if (!texts.includes(null) || realTime.now() >= endsAt) {
      return texts.flatMap((text) => reportIn(text) ?? []).sort((one, other) => (one.id < other.id ? -1 : 1))
    }
    await sleep(LOOK_AGAIN_AFTER_MS)
  }
}

async function askThrough(gathering: Gathering | null, id: string, question: Question): Promise<unknown[]> {
  const text = JSON.stringify(question)
  if (!gathering || Buffer.byteLength(text) > MOST_QUESTION_BYTES) return []
  const waitedFor = new Set(await orNothing(gathering.look(), []))
  if (waitedFor.size === 0 || !(await orNothing(gathering.ask({ id, text }), false))) return []
  const answers: unknown[] = []
  const endsAt = realTime.now() + ANSWERED_WITHIN_MS
  while (waitedFor.size > 0 && realTime.now() < endsAt) {
    await sleep(LOOK_AGAIN_AFTER_MS)
    await Promise.all(
      [...waitedFor].map(async (process) => {
        const answer = await orNothing(gathering.answerOf(process, id), null)
        if (answer === null) return
        waitedFor.delete(process)
        answers.push(valueIn(answer))
      }),
    )
  }
  return answers
}

/** What is late or refused is left out. */
async function orNothing<T>(saying: Promise<T> | undefined, nothing: T): Promise<T> {
  try {
    return (await saying) ?? nothing
  } catch {
    return nothing
  }
}
