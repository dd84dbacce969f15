import type { Clock } from '@sinonjs/fake-timers'
import { expect } from 'chai'
import type { Load } from '#src/engine/load.js'
import { install } from '../../support/fake-time.js'
import { engineForTests, settled, told } from './engine-for-tests.js'

const VALUE = Buffer.from('"value"')
const OF_USER = { kind: 'key', key: 'user:1' } as const
const OF_LISTS = { kind: 'pattern', pattern: 'users:*' } as const

describe('while the store is down, the engine', () => {
  it('sends every reader to its own handler', async () => {
    const { read, store } = engineForTests()
    store.trouble = new Error('down')
    const readings = await Promise.all([read(), read()])
    expect(readings.map(told)).to.deep.equal(Array(2).fill('pass-through: store unavailable'))
  })

  it('never rejects', async () => {
    const { engine, lead, store } = engineForTests()
    const load = await lead()
    store.trouble = new Error('down')
    expect(await load.complete(VALUE, 60_000)).to.equal('refused')
    expect(await engine.evict([OF_USER])).to.equal(0)
    expect(await engine.set('user:1', VALUE, 60_000)).to.equal(false)
    expect(await engine.fence('user')).to.equal(null)
    expect(await engine.putIfAbsent('user:1', 'fence', VALUE, 60_000)).to.equal(null)
    await engine.put('user:1', 'fence', VALUE, 60_000)
  })

  it('tells once that it is down, and once that it is up again', async () => {
    const { engine, read, store, events, types } = engineForTests()
    store.trouble = new Error('connect ECONNREFUSED')
    await read()
    await engine.peek('user:1')
    await engine.fence('user')
    expect(events).to.deep.equal([{ type: 'store-down', error: store.trouble }])
    store.trouble = null
    await read()
    await read('user:2')
    expect(types()).to.deep.equal(['store-down', 'store-up'])
    store.trouble = new Error('again')
    await read('user:3')
    expect(types()).to.deep.equal(['store-down', 'store-up', 'store-down'])
  })

  it('hears of trouble before the first request', async () => {
    const { engine, read, events } = engineForTests()
    const error = new Error('connect ECONNREFUSED')
    engine.reportTrouble(error)
    engine.reportTrouble(error)
    expect(events).to.deep.equal([{ type: 'store-down', error }])
    await read()
    expect(events.at(-1)).to.deep.equal({ type: 'store-up' })
  })

  it('learns from an eviction too that the store is up again', async () => {
    const { engine, store, types } = engineForTests()
    store.trouble = new Error('down')
    await engine.peek('user:1')
    store.trouble = null
    await engine.evict([OF_USER])
    expect(types()).to.deep.equal(['store-down', 'store-up', 'evict'])
  })

  it('sends all to their own handlers when the leader cannot give its lease back', async () => {
    const { lead, read, store } = engineForTests()
    const load = await lead()
    const other = read()
    await settled()
    const release = store.hold('release')
    load.finishUnshareable()
    release.fail()
    expect(told(await other)).to.equal('pass-through: answer not shareable')
    // The store still names the old lease, but nobody of this process loads behind it.
    expect(told(await read())).to.equal('pass-through: answer not shareable')
  })
})

describe('a leader who goes away', () => {
  it('is waited for until its lease is given back, so that no lookup comes in vain', async () => {
    const { lead, read, store } = engineForTests()
    const load = await lead()
    const others = [read(), read()]
    await settled()
    const release = store.hold('release')
    load.cancel()
    await settled()
    expect(store.asked('lookup')).to.equal(3)
    release.open()
    expect(told(await Promise.race(others))).to.equal('load')
  })

  it('leaves the others to their own handlers if its lease cannot be given back', async () => {
    const { lead, read, store } = engineForTests()
    const load = await lead()
    const others = [read(), read()]
    await settled()
    const release = store.hold('release')
    load.cancel()
    release.fail()
    expect((await Promise.all(others)).map(told)).to.deep.equal(
      Array(2).fill('pass-through: answer not shareable'),
    )
  })
})

describe('an eviction that the store did not acknowledge', () => {
  it('is kept, and delivered before the next lookup is answered', async () => {
    const { engine, store, read, events, types } = engineForTests()
    await store.storedElsewhere('user:1', '"old"')
    await store.storedElsewhere('users:list:1', '"old"')
    store.trouble = new Error('down')
    expect(await engine.evict([OF_USER, OF_LISTS])).to.equal(0)
    expect(events[0]).to.deep.equal({ type: 'evict-kept', targets: ['user:1', 'users:*'] })

    store.trouble = null
    expect(told(await read())).to.equal('load')
    expect(await store.stored('users:list:1')).to.equal(null)
    expect(types()).to.deep.equal(['evict-kept', 'store-down', 'evict-delivered', 'store-up'])
    expect(events[2]).to.deep.equal({ type: 'evict-delivered', targets: ['user:1', 'users:*'] })
  })

  it('is delivered before a lookup of any other key, and before every other command', async () => {
    const questions: readonly ((test: ReturnType<typeof engineForTests>) => Promise<unknown>)[] = [
      ({ read }) => read('task:7'),
      ({ engine }) => engine.peek('task:7'),
      ({ engine }) => engine.set('task:7', VALUE, 60_000),
      ({ engine }) => engine.fence('task'),
      ({ engine }) => engine.putIfAbsent('task:7', 'fence', VALUE, 60_000),
    ]
    for (const ask of questions) {
      const test = engineForTests()
      await test.store.storedElsewhere('user:1', '"old"')
      const lost = test.store.hold('evict')
      const evicted = test.engine.evict([OF_USER])
      lost.fail()
      await evicted
      await ask(test)
      expect(await test.store.stored('user:1')).to.equal(null)
    }
  })

  it('is tried again with each command until it is delivered, and then no more', async () => {
    const { engine, store, read } = engineForTests()
    store.trouble = new Error('down')
    await engine.evict([OF_USER])
    await read()
    await read()
    expect(store.asked('lookup')).to.equal(0)
    store.trouble = null
    await read()
    await read('user:2')
    expect(store.evictions).to.deep.equal(Array(4).fill([OF_USER]))
    expect(store.asked('lookup')).to.equal(2)
  })

  it('is delivered once for all who wait', async () => {
    const { engine, store, read } = engineForTests()
    store.trouble = new Error('down')
    await engine.evict([OF_USER])
    store.trouble = null
    await Promise.all([read(), read('user:2'), read('user:3')])
    expect(store.asked('evict')).to.equal(2)
  })

  it('is delivered also if it was kept while another delivery was under way', async () => {
    const { engine, store, read } = engineForTests()
    await store.storedElsewhere('task:1', '"old"')
    store.trouble = new Error('down')
    await engine.evict([OF_USER])
    store.trouble = null

    const delivery = store.hold('evict')
    const lost = store.hold('evict')
    const early = read('user:2')
    await delivery.asked
    const evicted = engine.evict([{ kind: 'key', key: 'task:1' }])
    lost.fail()
    await evicted
    const late = read('task:1')
    delivery.open()
    expect(told(await late)).to.equal('load')
    expect(told(await early)).to.equal('load')
    expect(await store.stored('task:1')).to.equal(null)
  })

  it('takes the lease of a load that began before it', async () => {
    const { engine, lead, store } = engineForTests()
    const load = await lead()
    store.trouble = new Error('down')
    await engine.evict([OF_USER])
    store.trouble = null
    expect(await load.complete(VALUE, 60_000)).to.equal('refused')
    expect(await store.stored('user:1')).to.equal(null)
  })

  it('is not joined past by a reader who comes after it', async () => {
    const { engine, lead, read, store } = engineForTests()
    await lead()
    store.trouble = new Error('down')
    await engine.evict([OF_USER])
    store.trouble = null
    expect(told(await read())).to.equal('load')
  })

  it('is delivered in parts if there are very many', async () => {
    const { engine, store, read } = engineForTests()
    store.trouble = new Error('down')
    const keys = Array.from({ length: 2_500 }, (_, index) => ({ kind: 'key', key: `user:${index}` }) as const)
    await engine.evict(keys)
    store.trouble = null
    await read()
    const sizes = store.evictions.slice(1).map(({ length }) => length)
    expect(sizes).to.deep.equal([1_000, 1_000, 500])
    expect(store.evictions.slice(1).flat()).to.deep.equal(keys)
  })
})

describe('a lease that could not be given back', () => {
  let clock: Clock
  beforeEach(() => {
    clock = install({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
  })
  afterEach(() => clock.uninstall())

  for (const [how, end] of [
    ['by its fill', (load) => load.complete(VALUE, 60_000)],
    ['by a leader with nothing to share', (load) => load.finishUnshareable()],
    ['by a leader who went away', (load) => load.cancel()],
  ] satisfies [string, (load: Load) => unknown][]) {
    it(`${how} is given back with the next heartbeat, though the load asks no more`, async () => {
      const { engine, lead, read, store } = engineForTests()
      const load = await lead()
      for (let silences = 0; silences < 5; silences += 1) {
        store.hold('get').fail()
        await engine.peek('user:2')
      }
      expect(engine.circuit).to.equal('open')
      end(load)
      await settled()
      expect(store.asked('fill') + store.asked('release')).to.equal(0)
      clock.tick(500)
      await settled()
      expect(engine.circuit).to.equal('closed')
      expect(told(await read())).to.equal('pass-through: answer not shareable')
      clock.tick(500)
      await settled()
      expect(store.asked('release')).to.equal(1)
      expect(told(await read())).to.equal('load')
    })
  }
})

describe('a value that could not be set', () => {
  it('evicts what is there, which is older than it, before its writer goes on', async () => {
    const { engine, store, events } = engineForTests()
    await store.storedElsewhere('user:1', '"old"')
    const lost = store.hold('set')
    const done = engine.set('user:1', VALUE, 60_000)
    lost.fail()
    expect(await done).to.equal(false)
    expect(store.evictions).to.deep.equal([[{ kind: 'key', key: 'user:1' }]])
    expect(events.at(-1)).to.include({ type: 'evict', removed: 1 })
  })

  it('leaves an eviction behind and on its way, so that it lies ahead of what others ask', async () => {
    const { engine, store, read, events } = engineForTests()
    await store.storedElsewhere('user:1', '"old"')
    const [lost, lostToo] = [store.hold('set'), store.hold('evict')]
    const done = engine.set('user:1', VALUE, 60_000)
    lost.fail()
    lostToo.fail()
    expect(await done).to.equal(false)
    expect(store.posted).to.deep.equal([[{ kind: 'key', key: 'user:1' }]])
    expect(events.at(-1)).to.deep.equal({ type: 'evict-kept', targets: ['user:1'] })
    expect(told(await read())).to.equal('load')
  })
})
