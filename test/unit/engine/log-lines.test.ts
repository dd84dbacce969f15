import { expect } from 'chai'
import type { CacheEvent } from '#src/engine/cache-event.js'
import { LoadTimes } from '#src/engine/load-times.js'
import { logLines } from '#src/engine/log-lines.js'
import { CacheError } from '#src/errors.js'
import { recordingLogger } from '../../support/recording-logger.js'

const RULE = { where: 'Users.getUser', key: 'user:{id}' }
const OTHER = { where: 'Users.list', key: 'users:list' }

const hit = (ms: number, rule = RULE): CacheEvent => ({
  type: 'hit',
  rule,
  key: 'user:1',
  ms,
  bytes: 9,
  ttlMs: 60_000,
})
const miss = (ms: number, collapsed = false): CacheEvent => ({
  type: 'miss',
  rule: RULE,
  key: 'user:1',
  ms,
  collapsed,
})
const DOWN: CacheEvent = { type: 'store-down', error: new Error('connect ECONNREFUSED 127.0.0.1:6379') }
const UP: CacheEvent = { type: 'store-up' }

/** The lines that events give, each with its level in front. */
function linesOf(...events: readonly CacheEvent[]): string[] {
  const logger = recordingLogger()
  const loadTimes = new LoadTimes()
  const listener = logLines(logger, loadTimes, () => 0)
  for (const event of events) {
    loadTimes.listener(event)
    listener(event)
  }
  return logger.lines.map(({ level, message }) => `${level} ${message}`)
}

const FILL = { type: 'fill', rule: null, bytes: 9, ttlMs: 60_000, tags: [] } as const

describe('logLines', () => {
  it('writes a miss and a hit as the guide has them', () => {
    expect(linesOf(miss(42.4), hit(1.2))).to.deep.equal([
      'info Cache MISS: user:1 (query took 42ms)',
      'info Cache HIT: user:1 (saved 41ms)',
    ])
  })

  it('says nothing was saved before the first load, and never less than nothing', () => {
    expect(linesOf(hit(3), miss(1), hit(5))).to.deep.equal([
      'info Cache HIT: user:1 (saved 0ms)',
      'info Cache MISS: user:1 (query took 1ms)',
      'info Cache HIT: user:1 (saved 0ms)',
    ])
  })

  it('takes the average of the loads, in which the newest counts a fifth', () => {
    expect(linesOf(miss(100), miss(200), hit(0)).at(-1)).to.equal('info Cache HIT: user:1 (saved 120ms)')
  })

  it('counts the load once, not for those who waited for it', () => {
    expect(linesOf(miss(100), miss(900, true), hit(0)).at(-1)).to.equal(
      'info Cache HIT: user:1 (saved 100ms)',
    )
  })

  it('keeps the averages of rules apart', () => {
    expect(linesOf(miss(100), hit(0, OTHER)).at(-1)).to.equal('info Cache HIT: user:1 (saved 0ms)')
  })

  it('says once for a rule that its option gave a promise', () => {
    const error = new CacheError('E_CACHE_OPTION', {
      where: 'Users.getUser',
      problem: 'a promise',
      mend: 'Mend.',
    })
    const failed: CacheEvent = { type: 'option-failed', rule: RULE, option: 'unless', error }
    expect(linesOf(failed, failed)).to.deep.equal([`warn ${error.message}`])
  })

  const lines: readonly [event: CacheEvent, line: string][] = [
    [
      { type: 'stale', rule: RULE, key: 'user:1', ms: 1, bytes: 9, ttlMs: -1 },
      'info Cache STALE: user:1 (saved 0ms)',
    ],
    [
      { type: 'bypass', rule: RULE, key: null, reason: 'no value for {id}' },
      'debug Cache BYPASS: user:{id} (no value for {id})',
    ],
    [
      { type: 'bypass', rule: RULE, key: 'user:1', reason: 'store unavailable' },
      'debug Cache BYPASS: user:1 (store unavailable)',
    ],
    [
      { type: 'not-stored', rule: RULE, key: 'user:1', reason: 'status 404' },
      'debug Cache did not store user:1 (status 404)',
    ],
    [
      { type: 'fill-refused', rule: null, key: 'user:1' },
      'debug Cache did not store user:1 (evicted or timed out while it was loaded)',
    ],
    [
      { type: 'evict', by: null, targets: ['user:1', 'users:list:*'], removed: 3, ms: 1 },
      'info Cache EVICT: user:1, users:list:* (3 removed)',
    ],
    [
      { type: 'evict', by: null, targets: ['user:1'], removed: 0, ms: 1 },
      'info Cache EVICT: user:1 (0 removed)',
    ],
    [
      { type: 'evict', by: null, targets: ['tag User#1', 'tag User[]'], removed: 0, ms: 1 },
      'debug Cache EVICT: tag User#1, tag User[] (0 removed)',
    ],
    [
      {
        type: 'evict',
        by: null,
        targets: Array.from({ length: 14 }, (_, nth) => `tag ${nth}`),
        removed: 1,
        ms: 1,
      },
      'info Cache EVICT: tag 0, tag 1, tag 2, tag 3, tag 4, tag 5, tag 6, tag 7, tag 8, tag 9, tag 10, tag 11 and 2 more (1 removed)',
    ],
    [{ type: 'evict-delivered', targets: ['a', 'b'] }, 'warn Cache delivered 2 kept evictions'],
    [{ type: 'discard', key: 'user:1', reason: 'not JSON' }, 'warn Cache discarded user:1 (not JSON)'],
    [
      { type: 'option-failed', rule: RULE, option: 'unless', error: new TypeError('x is undefined') },
      `error Users.getUser: the option 'unless' threw x is undefined`,
    ],
    [
      { type: 'option-failed', rule: RULE, option: 'unless', error: 'text' },
      `error Users.getUser: the option 'unless' threw text`,
    ],
    [
      { type: 'warm', name: 'customers', done: 50, total: 100, warmed: 50 },
      'info Cache warming: 50 of 100 customers',
    ],
    [
      { type: 'warm', name: 'customers', done: 100, total: 100, warmed: 98 },
      'info Cache warmed: 98 customers',
    ],
    [{ type: 'warm', name: 'customers', done: 0, total: 0, warmed: 0 }, 'info Cache warmed: 0 customers'],
    [
      { type: 'warm-stopped', name: 'customers', stored: 49, reason: 'the store is unavailable' },
      'warn Cache warming of customers stopped after 49: the store is unavailable',
    ],
    [DOWN, 'warn Cache store is unavailable, answering without it: connect ECONNREFUSED 127.0.0.1:6379'],
  ]
  it('adds the cause to the trouble, which is what Redis said itself', () => {
    const error = new Error('Redis refused a command', { cause: new Error('OOM command not allowed') })
    expect(linesOf({ type: 'store-down', error })).to.deep.equal([
      'warn Cache store is unavailable, answering without it: Redis refused a command (OOM command not allowed)',
    ])
  })

  for (const [event, line] of lines) {
    it(`writes '${line}'`, () => expect(linesOf(event)).to.deep.equal([line]))
  }

  it('says nothing of what another line says already', () => {
    expect(
      linesOf(
        { ...FILL, key: 'user:1' },
        { type: 'put', rule: null, key: 'user:1', stored: true, bytes: 9 },
        { type: 'evict-kept', targets: ['user:1'] },
      ),
    ).to.deep.equal([])
  })

  describe('about outages', () => {
    const setUp = () => {
      const logger = recordingLogger()
      const clock = { now: 1_000_000 }
      const listener = logLines(logger, new LoadTimes(), () => clock.now)
      return { logger, clock, listener }
    }

    it('tells one a minute at most, however often the store comes and goes', () => {
      const { logger, clock, listener } = setUp()
      for (let second = 0; second < 60; second++) {
        listener(DOWN)
        listener(UP)
        clock.now += 1_000
      }
      expect(logger.at('warn')).to.have.length(1)
      expect(logger.at('info')).to.have.length(1)
      listener(DOWN)
      expect(logger.at('warn')).to.have.length(2)
    })

    it('tells that a database is late when it begins, of each by itself, and that it is no longer', () => {
      const { logger, listener } = setUp()
      const barrier = (database: string, passed: boolean) =>
        listener({ type: 'barrier', database, passed, ms: 50.4 })
      barrier('crm', true)
      for (let write = 0; write < 3; write++) barrier('crm', false)
      barrier('shop', false)
      barrier('crm', true)
      barrier('crm', false)
      expect(logger.lines.map(({ level, message }) => `${level} ${message}`)).to.deep.equal([
        'warn Cache is behind the database crm: answers of writes leave after 50ms, and all that was made from its rows is evicted each time',
        'warn Cache is behind the database shop: answers of writes leave after 50ms, and all that was made from its rows is evicted each time',
        'info Cache is no longer behind the database crm',
      ])
    })

    it('tells the end of an outage that it told, once', () => {
      const { logger, listener } = setUp()
      listener(DOWN)
      listener(UP)
      expect(logger.lines.map(({ message }) => message.slice(0, 30))).to.deep.equal([
        'Cache store is unavailable, an',
        'Cache store is available again',
      ])
    })

    it('tells no end of an outage that it did not tell', () => {
      const { logger, listener } = setUp()
      listener(UP)
      expect(logger.lines).to.deep.equal([])
    })
  })
})
