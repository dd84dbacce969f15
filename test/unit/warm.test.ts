import { expect } from 'chai'
import { RunningLoads } from '#src/dependencies/load-tags.js'
import { type WarmOptions, warm } from '#src/warm.js'
import { gate } from '../support/gate.js'
import { engineForTests, settled } from './engine/engine-for-tests.js'
import { rejection } from './thrown.js'

interface Customer {
  readonly id: unknown
  readonly name: string
}

const customers = (count: number): Customer[] =>
  Array.from({ length: count }, (_, index) => ({ id: index + 1, name: `customer ${index + 1}` }))

function setUp() {
  const test = engineForTests()
  return {
    ...test,
    warm: (options: Partial<WarmOptions<Customer>> & Pick<WarmOptions<Customer>, 'load'>) =>
      warm(
        { key: 'customer:{id}', ttl: 600, ...options },
        {
          engine: test.engine,
          emit: (event) => test.events.push(event),
          warnOfUntagged: () => {},
          loads: new RunningLoads(),
          lifetimeMs: (_key, ttlMs) => ttlMs,
        },
      ),
    progress: () =>
      test.events.flatMap((event) => (event.type === 'warm' ? [`${event.done}/${event.total}`] : [])),
  }
}

describe('warm', () => {
  it('stores each row as JSON under its key, with the TTL, and says how many', async () => {
    const test = setUp()
    expect(await test.warm({ load: async () => customers(2), ttl: '10m' })).to.equal(2)
    expect(await test.store.stored('customer:1')).to.equal('{"id":1,"name":"customer 1"}')
    test.clock.now += 599_999
    expect(await test.read('customer:2')).to.include({ kind: 'hit', remainingMs: 1 })
  })

  it('stores what the route would answer, if that differs from the row', async () => {
    const test = setUp()
    await test.warm({ load: async () => customers(1), value: ({ name }) => ({ name }) })
    expect(await test.store.stored('customer:1')).to.equal('{"name":"customer 1"}')
  })

  it('tells its progress every 50 rows, under the name of the rows', async () => {
    const test = setUp()
    await test.warm({ load: async () => customers(120), name: 'customers' })
    expect(test.events).to.deep.equal([
      { type: 'warm', name: 'customers', done: 50, total: 120, warmed: 50 },
      { type: 'warm', name: 'customers', done: 100, total: 120, warmed: 100 },
      { type: 'warm', name: 'customers', done: 120, total: 120, warmed: 120 },
    ])
  })

  it('calls the rows by the first segment of the key unless told how', async () => {
    const test = setUp()
    await test.warm({ load: async () => [] })
    expect(test.events).to.deep.equal([{ type: 'warm', name: 'customer', done: 0, total: 0, warmed: 0 }])
  })

  it('leaves what is there already', async () => {
    const test = setUp()
    await test.store.storedElsewhere('customer:1', '"there already"')
    expect(await test.warm({ load: async () => customers(3) })).to.equal(2)
    expect(await test.store.stored('customer:1')).to.equal('"there already"')
    expect(await test.store.stored('customer:3')).to.equal('{"id":3,"name":"customer 3"}')
    expect(test.progress()).to.deep.equal(['3/3'])
  })

  it('passes over rows that have no key or no JSON', async () => {
    const test = setUp()
    const rows = [
      { id: undefined, name: 'without' },
      { id: '', name: 'empty' },
      { id: 1, name: 'no JSON' },
      { id: 'a:b', name: 'escaped' },
    ]
    const value = (row: Customer) => (row.id === 1 ? undefined : row.name)
    expect(await test.warm({ load: async () => rows, value })).to.equal(1)
    expect(test.events.at(-1)).to.include({ type: 'warm', done: 4, warmed: 1 })
    expect(await test.store.stored('customer:a%3Ab')).to.equal('"escaped"')
  })

  describe('when something happens between reading and storing', () => {
    /** Warms one customer; at the first load, `meanwhile` happens after the row has been read. */
    async function warmed(meanwhile: (test: ReturnType<typeof setUp>) => Promise<unknown>) {
      const test = setUp()
      const database = { name: 'old' }
      const [reading, reads] = [gate(), gate()]
      let loads = 0
      const warming = test.warm({
        load: async () => {
          loads++
          const rows = [{ id: 1, ...database }]
          if (loads === 1) {
            reading.open()
            await reads.wait
          }
          return rows
        },
      })
      await reading.wait
      database.name = 'new'
      await meanwhile(test)
      reads.open()
      return { stored: await warming, loads, left: await test.store.stored('customer:1') }
    }

    it('reads anew after an eviction of the key', async () => {
      const result = await warmed(({ engine }) => engine.evict([{ kind: 'key', key: 'customer:1' }]))
      expect(result).to.deep.equal({ stored: 1, loads: 2, left: '{"id":1,"name":"new"}' })
    })

    it('reads anew after an eviction by pattern or glob', async () => {
      for (const selector of [
        { kind: 'pattern', pattern: 'customer:*' },
        { kind: 'glob', glob: 'c*' },
      ] as const) {
        const result = await warmed(({ engine }) => engine.evict([selector]))
        expect(result).to.deep.equal({ stored: 1, loads: 2, left: '{"id":1,"name":"new"}' })
      }
    })

    it('leaves a value that was set', async () => {
      const result = await warmed(({ engine }) => engine.set('customer:1', Buffer.from('"set"'), 60_000))
      expect(result).to.include({ stored: 0, left: '"set"' })
    })

    it('leaves a value that a reader loaded', async () => {
      const result = await warmed(async ({ lead }) => {
        const load = await lead('customer:1')
        await load.complete(Buffer.from('"loaded"'), 60_000)
      })
      expect(result).to.deep.equal({ stored: 0, loads: 1, left: '"loaded"' })
    })

    it('does not read anew after an eviction of other things', async () => {
      const result = await warmed(({ engine }) =>
        engine.evict([
          { kind: 'pattern', pattern: 'customers:*' },
          { kind: 'key', key: 'user:1' },
        ]),
      )
      expect(result).to.deep.equal({ stored: 1, loads: 1, left: '{"id":1,"name":"old"}' })
    })
  })

  it('reads three times at most, and stores nothing that may be old', async () => {
    const test = setUp()
    let loads = 0
    const stored = await test.warm({
      load: async () => {
        loads++
        await test.engine.evict([{ kind: 'key', key: 'customer:1' }])
        return customers(1)
      },
    })
    expect({ stored, loads }).to.deep.equal({ stored: 0, loads: 3 })
    expect(await test.store.stored('customer:1')).to.equal(null)
    expect(test.progress()).to.deep.equal([])
  })

  it('keeps what it has stored before a refusal, and counts it once', async () => {
    const test = setUp()
    let loads = 0
    const second = test.store.hold('put')
    const warming = test.warm({
      load: async () => {
        loads++
        return customers(2)
      },
    })
    await second.asked
    // The first row is on its way, the second is stored; then something of the group goes.
    await test.engine.evict([{ kind: 'key', key: 'customer:9' }])
    second.open()
    expect(await warming).to.equal(2)
    expect(loads).to.equal(2)
  })

  it('reads nothing while the store is down', async () => {
    const test = setUp()
    test.store.trouble = new Error('down')
    let loads = 0
    const load = async () => {
      loads++
      return customers(1)
    }
    expect(await test.warm({ load })).to.equal(0)
    expect(loads).to.equal(0)
    expect(test.events.at(-1)).to.deep.equal({
      type: 'warm-stopped',
      name: 'customer',
      stored: 0,
      reason: 'the store is unavailable',
    })
  })

  it('stops when the store goes down meanwhile, and says what it has stored', async () => {
    const test = setUp()
    const first = test.store.hold('put')
    const warming = test.warm({ load: async () => customers(60) })
    await first.asked
    await settled()
    test.store.trouble = new Error('down')
    first.open()
    expect(await warming).to.equal(49)
    expect(test.types()).to.deep.equal(['store-down', 'warm-stopped'])
  })

  it('refuses rows that JSON cannot say, as cache.set does', async () => {
    const test = setUp()
    const error = await rejection(test.warm({ load: async () => customers(1), value: () => 1n }))
    expect(error.code).to.equal('E_CACHE_VALUE')
  })

  it('takes no promise for the value of a row', async () => {
    const test = setUp()
    const load = async () => customers(1)
    const later = () => Promise.reject(new Error('late'))
    expect((await rejection(test.warm({ load, value: later }))).code).to.equal('E_CACHE_VALUE')
    const error = await rejection(test.warm({ load, value: async (row) => row }))
    expect([error.code, error.message.includes('async')]).to.deep.equal(['E_CACHE_OPTION', true])
  })

  it('hands on what the load throws', async () => {
    const error = new Error('the database is away')
    const test = setUp()
    const caught = await test.warm({ load: () => Promise.reject(error) }).catch((reason: unknown) => reason)
    expect(caught).to.equal(error)
  })

  const wrong: readonly [options: Partial<WarmOptions<Customer>>, code: string, message: string][] = [
    [{ key: 'customer:{id' }, 'E_CACHE_TEMPLATE', 'a brace without its other half'],
    [{ key: 'customer:*' }, 'E_CACHE_TEMPLATE', `has '*' in it`],
    [{ key: '' }, 'E_CACHE_TEMPLATE', 'is empty'],
    [{ key: 'customer:{customer.id}' }, 'E_CACHE_TEMPLATE', `from 'customer', which is no source`],
    [{ key: 'customer:{params.id}' }, 'E_CACHE_SOURCE', '{params.id} is no field of a row'],
    [{ key: 'customer:{user.id}' }, 'E_CACHE_SOURCE', '{user.id} is no field of a row'],
    [{ key: '{id}' }, 'E_CACHE_SOURCE', 'the key begins with a placeholder'],
    [{ key: 'c{id}:x' }, 'E_CACHE_SOURCE', 'the key begins with a placeholder'],
    [{ ttl: '600x' }, 'E_CACHE_TTL', `the TTL '600x' is not a positive duration`],
    [{ ttl: 0 }, 'E_CACHE_TTL', `the TTL 0 is not a positive duration`],
  ]
  for (const [options, code, message] of wrong) {
    it(`refuses ${JSON.stringify(options)} before it reads`, async () => {
      const test = setUp()
      let loads = 0
      const load = async () => {
        loads++
        return []
      }
      const error = await rejection(test.warm({ load, ...options }))
      expect(error.code).to.equal(code)
      expect(error.where).to.equal(`cache.warm('${options.key ?? 'customer:{id}'}')`)
      expect(error.message).to.include(message)
      expect(loads).to.equal(0)
    })
  }
})
