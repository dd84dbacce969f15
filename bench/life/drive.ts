import { setTimeout as sleep } from 'node:timers/promises'
import { ask, type Outcome } from './ask.js'
import type { LifeRequest } from './requests.js'
import type { RunningSubject } from './running-subject.js'

/** A closed loop: each connection asks for the next thing as soon as it has its answer. */
export async function driveClosed(
  running: RunningSubject,
  requests: readonly LifeRequest[],
  connections: number,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  let next = 0
  const connect = async (): Promise<void> => {
    for (let wanted = requests[next++]; wanted; wanted = requests[next++]) {
      outcomes.push(await ask(running, wanted))
    }
  }
  await Promise.all(Array.from({ length: connections }, connect))
  return outcomes
}

/**
 * So many requests per second, whether or not the ones before have their answers, as people ask. A request that could
 * not be sent when it was due has waited since then.
 */
export async function drivePaced(
  running: RunningSubject,
  requests: readonly LifeRequest[],
  perSecond: number,
): Promise<Outcome[]> {
  const startedAt = performance.now()
  const underWay: Promise<Outcome>[] = []
  for (const [index, wanted] of requests.entries()) {
    const dueAt = startedAt + (index / perSecond) * 1_000
    const waitMs = dueAt - performance.now()
    if (waitMs > 0) await sleep(waitMs)
    underWay.push(ask(running, wanted, dueAt))
  }
  return Promise.all(underWay)
}
