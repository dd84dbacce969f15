import { expect } from 'chai'
import { answerOf } from '../../support/answer-of.js'
import type { Write } from './evictions.js'
import { READS_OF_ALL, type Reader } from './suite/reads.js'
import type { Scenario } from './suite/scenario.js'
import { SCENARIOS } from './suite/scenarios.js'

/** What the suite runs on. */
export interface Walked {
  readonly url: string
  /** Everything else is read ahead of each write as well, which fills a cache. */
  readonly isCached: boolean
  /** Whether reads are asserted to be what they are to be; else they are only asked. */
  readonly checksChanges?: boolean
  /** Gives the database its first rows again, and empties the cache. */
  renew(): Promise<void>
}

/**
 * The application's own tests: each write, from the first rows on. What the write is to
 * change must have been otherwise, and be so afterwards.
 *
 * @param only - Of this write alone.
 */
export async function walk(walked: Walked, only?: Write): Promise<void> {
  for (const scenario of SCENARIOS) {
    if (only === undefined || scenario.write === only) await play(walked, scenario)
  }
}

async function play(
  { url, isCached, checksChanges = true, renew }: Walked,
  scenario: Scenario,
): Promise<void> {
  const { write, by, path, body, status = 200, answers } = scenario
  const changes = checksChanges ? scenario.changes : []
  await renew()
  // One after the other: reads at the same time may share statements of Prisma's, and each then counts as of all.
  for (const read of isCached ? READS_OF_ALL : []) await readBy(url, read)
  for (const { read, part, before } of changes) {
    expect(part(await readBy(url, read)), `${read.path} before ${write}`).to.deep.equal(before)
  }
  const [method = ''] = write.split(' ')
  const headers = { authorization: `User ${by}`, 'content-type': 'application/json' }
  const answer = await answerOf(url + path, {
    ...{ method, headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  expect(answer.status, `${write}: ${answer.text}`).to.equal(status)
  if (answers) expect(JSON.parse(answer.text), write).to.include(answers)
  for (const { read, part, after } of changes) {
    expect(part(await readBy(url, read)), `${read.path} after ${write}`).to.deep.equal(after)
  }
}

/** The body, or the status where there is none to read. */
async function readBy(url: string, { by, path }: Reader): Promise<unknown> {
  const headers = by === 0 ? {} : { authorization: `User ${by}` }
  const { status, text } = await answerOf(url + path, { headers })
  expect(status, `${path}: ${text}`).to.be.oneOf([200, 404])
  return status === 200 ? JSON.parse(text) : status
}
