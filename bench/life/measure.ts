import { setTimeout as sleep } from 'node:timers/promises'
import type { Outcome } from './ask.js'
import { driveClosed, drivePaced } from './drive.js'
import type { LifeRequest } from './requests.js'
import type { RunningSubject, Usage } from './running-subject.js'

/** The requests of one round, the same for all set-ups. */
export interface Sequence {
  readonly closed: readonly LifeRequest[]
  readonly paced: readonly LifeRequest[]
}

/** What a set-up did with one round of them. */
export interface Round {
  readonly closed: Part
  readonly paced: Part
}

export interface Part {
  readonly seconds: number
  readonly outcomes: readonly Outcome[]
  readonly before: Usage
  readonly after: Usage
}

export const CONNECTIONS = 16
export const PER_SECOND = 400
export const FREEZE = { beforeMs: 1_500, frozenMs: 2_000, afterMs: 2_500 }
const WARMING_CONNECTIONS = 32
/** So that what the part before has left under way is over. */
const SETTLE_MS = 300

/** Asks for each of these keys once, and then as in a round. */
export async function warm(
  running: RunningSubject,
  keys: readonly number[],
  requests: readonly LifeRequest[],
): Promise<void> {
  const processes = running.urls.length
  const reads = keys.map((key, index) => ({ key, isWrite: false, process: index % processes }))
  await driveClosed(running, reads, WARMING_CONNECTIONS)
  await driveClosed(running, requests, CONNECTIONS)
}

export async function measureRound(running: RunningSubject, { closed, paced }: Sequence): Promise<Round> {
  return {
    closed: await measurePart(running, () => driveClosed(running, closed, CONNECTIONS)),
    paced: await measurePart(running, () => drivePaced(running, paced, PER_SECOND)),
  }
}

/** Lets Redis stand still while requests go on. */
export function measureFreeze(running: RunningSubject, requests: readonly LifeRequest[]): Promise<Part> {
  return measurePart(running, async () => {
    const frozen = freeze(running)
    const outcomes = await drivePaced(running, requests, PER_SECOND)
    await frozen
    return outcomes
  })
}

async function freeze({ redis }: RunningSubject): Promise<void> {
  await sleep(FREEZE.beforeMs)
  redis.freeze()
  await sleep(FREEZE.frozenMs)
  redis.thaw()
}

async function measurePart(running: RunningSubject, drive: () => Promise<Outcome[]>): Promise<Part> {
  await sleep(SETTLE_MS)
  const before = await running.usage()
  const startedAt = performance.now()
  const outcomes = await drive()
  const seconds = (performance.now() - startedAt) / 1_000
  return { seconds, outcomes, before, after: await running.usage() }
}
