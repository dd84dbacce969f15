import type { Clock } from '@sinonjs/fake-timers'
import { expect } from 'chai'
import { DeadlineQueue } from '#src/stores/redis/deadline-queue.js'
import { LATE } from '#src/tools/within-deadline.js'
import { install } from '../../../support/fake-time.js'
import { type Gate, gate } from '../../../support/gate.js'

const DEADLINE_MS = 50

describe('DeadlineQueue', () => {
  let clock: Clock
  let queue: DeadlineQueue
  beforeEach(() => {
    clock = install({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    queue = new DeadlineQueue(DEADLINE_MS)
  })
  afterEach(() => clock.uninstall())

  /** Waits for a gate; `outcome` is what came of it so far. */
  function wait() {
    const answer: Gate = gate()
    const waiting = { answer, outcome: 'none' as unknown }
    queue.within(answer.wait.then(() => 'answer')).then((outcome) => {
      waiting.outcome = outcome
    })
    return waiting
  }
  /** What is late is told behind what has arrived. */
  const told = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))

  it('gives the answer, or the failure', async () => {
    expect(await queue.within(Promise.resolve(1))).to.equal(1)
    const failure = await queue.within(Promise.reject(new Error('no'))).catch((error: Error) => error.message)
    expect(failure).to.equal('no')
  })

  it('ends each wait at its own time, whatever came of those before', async () => {
    const first = wait()
    clock.tick(20)
    const second = wait()
    clock.tick(10)
    const third = wait()
    second.answer.open()
    await told()
    expect([first, second, third].map(({ outcome }) => outcome)).to.deep.equal(['none', 'answer', 'none'])
    clock.tick(19)
    await told()
    expect(first.outcome).to.equal('none')
    clock.tick(1)
    await told()
    expect([first.outcome, third.outcome]).to.deep.equal([LATE, 'none'])
    clock.tick(29)
    await told()
    expect(third.outcome).to.equal('none')
    clock.tick(1)
    await told()
    expect(third.outcome).to.equal(LATE)
  })

  it('has one timer for all, and none once all is over', async () => {
    const timers = clock.countTimers()
    const waits = Array.from({ length: 5_000 }, wait)
    expect(clock.countTimers() - timers).to.equal(1)
    for (const { answer } of waits) answer.open()
    await told()
    expect(waits.every(({ outcome }) => outcome === 'answer')).to.equal(true)
    clock.tick(DEADLINE_MS)
    const otherTimers = clock.countTimers()
    const later = wait()
    expect(clock.countTimers() - otherTimers, 'timers that are new').to.equal(1)
    clock.tick(DEADLINE_MS)
    await told()
    expect(later.outcome).to.equal(LATE)
  })

  it('takes an answer that has arrived for one in time, though its timer was first', async () => {
    const waiting = wait()
    clock.tick(DEADLINE_MS)
    waiting.answer.open()
    await told()
    expect(waiting.outcome).to.equal('answer')
  })

  it('swallows what becomes of an answer that was late', async () => {
    let fail = (_error: Error) => {}
    const answer = new Promise<void>((_resolve, reject) => {
      fail = reject
    })
    const outcome = queue.within(answer)
    clock.tick(DEADLINE_MS)
    expect(await outcome).to.equal(LATE)
    // An unhandled rejection would fail the run.
    fail(new Error('too late to matter'))
  })
})
