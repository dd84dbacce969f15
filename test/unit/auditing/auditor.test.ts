import type { Clock } from '@sinonjs/fake-timers'
import { expect } from 'chai'
import type { AuditedAnswer } from '#src/auditing/audited-answer.js'
import { type AskedAgain, type AuditContext, Auditor } from '#src/auditing/auditor.js'
import type { CacheEvent } from '#src/engine/cache-event.js'
import { JSON_TYPE } from '#src/http/representation.js'
import { install } from '../../support/fake-time.js'

const RULE = { where: 'Rows.get', key: 'row:{id}' }
const KEY = 'row:1'
const TTL_MS = 600_000

const answerOf = (body: Buffer): AuditedAnswer => ({ status: 200, contentType: JSON_TYPE, body })
const bytesOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

describe('Auditor', () => {
  let clock: Clock
  beforeEach(() => {
    clock = install({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'Date', 'performance'] })
  })
  afterEach(() => {
    clock.uninstall()
  })

  /** A store with one entry, and a handler that answers `row`. */
  function setUp({ ignore = [], ...given }: Partial<AuditContext> & { ignore?: readonly string[] } = {}) {
    const told: Omit<Extract<CacheEvent, { type: 'audit' }>, 'type' | 'rule' | 'key'>[] = []
    const state = {
      row: { name: 'Ada' } as unknown,
      entry: bytesOf({ name: 'Ada' }) as Buffer | null,
      expiresAt: Date.now() + TTL_MS,
      circuit: 'closed' as 'closed' | 'open',
      asked: 0,
    }
    const engine: AuditContext['engine'] = {
      peek: async () => state.entry && { value: state.entry, remainingMs: state.expiresAt - Date.now() },
      browse: async () => ({
        entries: [{ key: KEY, bytes: 1, remainingMs: 1, tags: ['row:1'] }],
        next: null,
      }),
      get circuit() {
        return state.circuit
      },
      pendingEvictions: 0,
    }
    const auditor = new Auditor(
      { sample: 1, ignore },
      {
        ...{ engine, alsoWrites: () => false, leftBy: () => null },
        emit(event) {
          const { type, rule, key, ...more } = event as Extract<CacheEvent, { type: 'audit' }>
          told.push(more)
        },
        ...given,
      },
    )
    const hit = (ask?: () => Promise<AskedAgain>, key = KEY) => {
      const served = state.entry as Buffer
      auditor.begin({
        ...{ rule: RULE, key },
        served: async () => answerOf(served),
        stored: async (value) => answerOf(value),
        ask: async () => {
          state.asked += 1
          return ask ? ask() : { answer: answerOf(bytesOf(state.row)) }
        },
      })
    }
    return { auditor, state, told, hit }
  }

  it('says that an entry agrees with what its handler answers', async () => {
    const { hit, told, state, auditor } = setUp()
    hit()
    await clock.tickAsync(10)
    expect(told).to.deep.equal([{ outcome: 'agreed' }])
    expect(state.asked).to.equal(1)
    expect(auditor.findings()).to.deep.equal([])
  })

  it('calls an entry stale that has differed for a minute, and not before', async () => {
    const { hit, told, state, auditor } = setUp()
    state.row = { name: 'Bob' }
    hit()
    await clock.tickAsync(999)
    expect(state.asked).to.equal(1)
    await clock.tickAsync(11)
    expect(state.asked).to.equal(2)
    await clock.tickAsync(58_980)
    expect([state.asked, told]).to.deep.equal([2, []])
    await clock.tickAsync(20)
    expect(state.asked).to.equal(3)
    expect(told.map(({ outcome, fields }) => [outcome, fields])).to.deep.equal([['stale', ['name']]])
    const [finding] = auditor.findings()
    expect(finding).to.include({ rule: 'Rows.get', key: KEY, by: null })
    expect(finding).to.deep.include({ fields: ['name'], tags: ['row:1'] })
    expect(finding?.staleForMs).to.be.within(60_000, 60_010)
  })

  it('knows for how long an entry has been stale that it finds again', async () => {
    const { hit, state, auditor } = setUp()
    state.row = { name: 'Bob' }
    hit()
    await clock.tickAsync(70_000)
    hit()
    await clock.tickAsync(70_000)
    expect(auditor.findings()).to.have.length(1)
    expect(auditor.findings()[0]?.staleForMs).to.be.within(130_000, 130_020)
  })

  const SETTLING: Record<string, (state: ReturnType<typeof setUp>['state']) => void> = {
    'a replica that follows within the second': (state) => {
      state.row = { name: 'Ada' }
    },
    'an eviction': (state) => {
      state.entry = null
    },
    'a new value': (state) => {
      state.entry = bytesOf(state.row)
    },
    'the same value anew, as where it was loaded again': (state) => {
      state.expiresAt += 1_000
    },
  }
  for (const [what, settle] of Object.entries(SETTLING)) {
    for (const afterMs of [500, 30_000]) {
      it(`is content with ${what} after ${afterMs} ms`, async () => {
        const { hit, told, state, auditor } = setUp()
        state.row = { name: 'Bob' }
        hit()
        await clock.tickAsync(afterMs)
        settle(state)
        await clock.tickAsync(70_000)
        expect(told).to.deep.equal([{ outcome: 'settled' }])
        expect(auditor.findings()).to.deep.equal([])
      })
    }
  }

  it('finds what is served from a replica that follows after more than a minute', async () => {
    const { hit, told, state } = setUp()
    state.row = { name: 'Bob' }
    hit()
    await clock.tickAsync(90_000)
    state.row = { name: 'Ada' }
    expect(told.map(({ outcome }) => outcome)).to.deep.equal(['stale'])
  })

  it('is content at once with an entry that a write evicts while the handler is asked', async () => {
    const { hit, told, state } = setUp()
    hit(async () => {
      state.entry = null
      return { answer: answerOf(bytesOf({ name: 'Bob' })) }
    })
    await clock.tickAsync(10)
    expect(told).to.deep.equal([{ outcome: 'settled' }])
  })

  it('does not compare ignored fields', async () => {
    const { hit, told, state } = setUp({ ignore: ['name'] })
    state.row = { name: 'Bob' }
    hit()
    await clock.tickAsync(10)
    expect(told).to.deep.equal([{ outcome: 'agreed' }])
  })

  it('says why an answer tells nothing', async () => {
    const { hit, told } = setUp()
    hit(async () => ({ unclear: 'answered 503' }))
    await clock.tickAsync(10)
    expect(told).to.deep.equal([{ outcome: 'unclear', reason: 'answered 503' }])
  })

  it('asks one at a time, and a key that waits to be looked at again not once more', async () => {
    const { hit, told, state } = setUp()
    state.row = { name: 'Bob' }
    hit()
    hit(undefined, 'row:2')
    await clock.tickAsync(10)
    hit()
    await clock.tickAsync(10)
    expect(told).to.deep.equal([
      { outcome: 'skipped', reason: 'another audit is under way' },
      { outcome: 'skipped', reason: 'a difference waits to be looked at again' },
    ])
    expect(state.asked).to.equal(1)
  })

  it('lets what is to be looked at again wait for the one audit under way', async () => {
    const { hit, told, state } = setUp()
    state.row = { name: 'Bob' }
    hit()
    await clock.tickAsync(10)
    let answer = (_: AskedAgain): void => {}
    hit(() => new Promise((resolve) => (answer = resolve)), 'row:2')
    await clock.tickAsync(2_000)
    expect(state.asked).to.equal(2)
    answer({ answer: answerOf(bytesOf({ name: 'Ada' })) })
    await clock.tickAsync(10)
    expect(state.asked).to.equal(3)
    expect(told).to.deep.equal([{ outcome: 'agreed' }])
  })

  it('asks nothing while the store is in trouble, or the event loop is late', async () => {
    const { hit, told, state } = setUp()
    state.circuit = 'open'
    hit()
    await clock.tickAsync(10)
    state.circuit = 'closed'
    hit()
    // The first callback begins the turn that is measured, and the second finds how long it was.
    clock.next()
    clock.jump(50)
    await clock.tickAsync(10)
    expect(told).to.deep.equal([
      { outcome: 'skipped', reason: 'under pressure' },
      { outcome: 'skipped', reason: 'under pressure' },
    ])
    expect(state.asked).to.equal(0)
  })

  it('looks again once the pressure has gone', async () => {
    const { hit, told, state } = setUp()
    state.row = { name: 'Bob' }
    hit()
    await clock.tickAsync(10)
    state.circuit = 'open'
    await clock.tickAsync(5_000)
    expect(state.asked).to.equal(1)
    state.circuit = 'closed'
    await clock.tickAsync(1_010)
    expect(state.asked).to.equal(2)
    await clock.tickAsync(60_000)
    expect(told.map(({ outcome }) => outcome)).to.deep.equal(['stale'])
  })

  it('leaves routes alone that write', async () => {
    const { hit, told, state } = setUp({ alsoWrites: () => true })
    hit()
    await clock.tickAsync(10)
    expect(told).to.deep.equal([{ outcome: 'skipped', reason: 'its route writes' }])
    expect(state.asked).to.equal(0)
  })

  it('ends what waits when it is closed, and tells nothing more', async () => {
    const { hit, told, state, auditor } = setUp()
    state.row = { name: 'Bob' }
    hit()
    await clock.tickAsync(10)
    auditor.close()
    expect(clock.countTimers()).to.equal(0)
    await clock.tickAsync(70_000)
    hit()
    await clock.tickAsync(10)
    expect([state.asked, told]).to.deep.equal([1, []])
  })

  it('takes the share that it is given', () => {
    const { random } = Math
    const sampled = (sample: number, drawn: number) => {
      Math.random = () => drawn
      return new Auditor({ sample, ignore: [] }, {} as AuditContext).isSampled()
    }
    try {
      expect([sampled(0.001, 0.0009), sampled(0.001, 0.001), sampled(1, 0.999)]).to.deep.equal([
        true,
        false,
        true,
      ])
    } finally {
      Math.random = random
    }
  })
})
