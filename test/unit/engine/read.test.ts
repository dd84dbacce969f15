import type { Clock } from '@sinonjs/fake-timers'
import { expect } from 'chai'
import { install } from '../../support/fake-time.js'
import { engineForTests, settled, told } from './engine-for-tests.js'
import type { SteerableStore } from './steerable-store.js'

const VALUE = Buffer.from('{"id":1}')

describe('Engine.read', () => {
  /** Where a test moves the time of timers itself. */
  let time: Clock | null = null
  afterEach(() => {
    time?.uninstall()
    time = null
  })

  it('lets the first reader load, and gives the next what it stored', async () => {
    const { read, lead, types, store } = engineForTests()
    expect(await (await lead()).complete(VALUE, 60_000)).to.equal('stored')
    expect(told(await read())).to.equal('hit {"id":1}')
    expect(types()).to.deep.equal(['fill'])
    expect(store.asked('fill')).to.equal(1)
  })

  it('says how long a value still lives', async () => {
    const { read, lead, clock } = engineForTests()
    await (await lead()).complete(VALUE, 60_000)
    clock.now += 59_999
    expect(await read()).to.include({ kind: 'hit', remainingMs: 1 })
    clock.now += 1
    expect(told(await read())).to.equal('load')
  })

  it('lets readers of different keys load side by side', async () => {
    const { lead } = engineForTests()
    await Promise.all([lead('user:1'), lead('user:2')])
  })

  it('makes one load of many readers, who all get its value', async () => {
    const { read, lead, store } = engineForTests()
    const load = await lead()
    const others = Promise.all(Array.from({ length: 20 }, () => read()))
    await settled()
    await load.complete(VALUE, 60_000)
    expect((await others).map(told)).to.deep.equal(Array(20).fill('loaded {"id":1}'))
    expect(store.asked('fill')).to.equal(1)
  })

  it('gives the value at once, before it is stored', async () => {
    const { read, lead, store } = engineForTests()
    const load = await lead()
    const other = read()
    const fill = store.hold('fill')
    const done = load.complete(VALUE, 60_000)
    expect(told(await other)).to.equal('loaded {"id":1}')
    // And to those who come while it is on its way to the store.
    expect(told(await read())).to.equal('loaded {"id":1}')
    fill.open()
    expect(await done).to.equal('stored')
    expect(told(await read())).to.equal('hit {"id":1}')
  })

  it('sends the others to their own handlers when the leader gives up', async () => {
    const { read, lead, types } = engineForTests()
    const load = await lead()
    const others = Promise.all([read(), read(), read()])
    await settled()
    load.finishUnshareable()
    expect((await others).map(told)).to.deep.equal(Array(3).fill('pass-through: answer not shareable'))
    // The next is a leader again, so that one error does not stop the caching.
    await lead()
    expect(types()).to.deep.equal([])
  })

  it('makes exactly one of the others the leader when the leader goes away', async () => {
    const { read, lead, store } = engineForTests()
    const load = await lead()
    const others = Array.from({ length: 5 }, () => read())
    await settled()
    load.cancel()
    const second = await Promise.race(others)
    expect(told(second)).to.equal('load')
    if (second.kind === 'load') await second.load.complete(VALUE, 60_000)
    const rest = (await Promise.all(others)).map(told)
    expect(rest.sort()).to.deep.equal(['load', ...Array(4).fill('loaded {"id":1}')])
    expect(store.asked('fill')).to.equal(1)
  })

  it('goes on when each leader in turn goes away', async () => {
    const { read, lead } = engineForTests()
    const first = await lead()
    const others = [1, 2, 3].map(async () => {
      const reading = await read()
      if (reading.kind === 'load') reading.load.cancel()
      return told(reading)
    })
    await settled()
    first.cancel()
    expect(await Promise.all(others)).to.deep.equal(['load', 'load', 'load'])
  })

  it('does not let the others wait for a leader longer than its lease', async () => {
    time = install({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const { read, lead, clock, store } = engineForTests({ leaseMs: 5 })
    const slow = await lead()
    const others = [read(), read()]
    await settled()
    clock.now += 5
    await time.tickAsync(5)
    const second = await Promise.race(others)
    expect(told(second)).to.equal('load')
    if (second.kind === 'load') await second.load.complete(Buffer.from('"new"'), 60_000)
    const answers = (await Promise.all(others)).map(told)
    expect(answers).to.include('load')
    // Whether it still waited when the new value came depends on a timer.
    expect(answers.find((answer) => answer !== 'load')).to.be.oneOf(['loaded "new"', 'hit "new"'])

    expect(await slow.complete(Buffer.from('"old"'), 60_000)).to.equal('refused')
    expect(await store.stored('user:1')).to.equal('"new"')
  })

  describe('while another process loads', () => {
    const setUp = async ({ leaseMs = 30_000 } = {}) => {
      const test = engineForTests({ leaseMs })
      const lease = await test.store.leasedElsewhere('user:1')
      const others = [test.read(), test.read(), test.read()]
      await settled()
      return { ...test, lease, others }
    }

    it('waits for it, and takes what it has stored', async () => {
      const { store, lease, others } = await setUp()
      await store.filledElsewhere('user:1', lease, '"theirs"')
      expect((await Promise.all(others)).map(told)).to.deep.equal(Array(3).fill('hit "theirs"'))
    })

    for (const [how, end] of [
      ['gives its lease back', (store, lease) => store.releasedElsewhere('user:1', lease, false)],
      ['loses its lease to an eviction', (store) => store.evict([{ kind: 'key', key: 'user:1' }])],
    ] satisfies [string, (store: SteerableStore, lease: string) => Promise<unknown>][]) {
      it(`makes one the leader, and lets the others wait for it, when that ${how}`, async () => {
        const { store, lease, others } = await setUp()
        await end(store, lease)
        const first = await Promise.race(others)
        if (first.kind === 'load') await first.load.complete(VALUE, 60_000)
        const rest = (await Promise.all(others)).map(told)
        expect(rest.sort()).to.deep.equal(['load', ...Array(2).fill('loaded {"id":1}')])
      })
    }

    it('sends all to their own handlers when its answer cannot be shared', async () => {
      const { store, lease, others } = await setUp()
      await store.releasedElsewhere('user:1', lease, true)
      expect((await Promise.all(others)).map(told)).to.deep.equal(
        Array(3).fill('pass-through: answer not shareable'),
      )
    })

    it('loads for itself when its time is over', async () => {
      const { others } = await setUp({ leaseMs: 5 })
      // The other process' lease stands for 30 s on this clock, which stands still.
      expect((await Promise.all(others)).map(told)).to.deep.equal(
        Array(3).fill('pass-through: waited too long'),
      )
    })
  })

  describe('of a rule that may hold one key', () => {
    const OPTIONS = { graceMs: 10_000, staleWhileRevalidateMs: 0, keyLimit: { prefix: 'user:', maxKeys: 1 } }
    const setUp = async () => {
      const test = engineForTests()
      const read = (key: string) => test.engine.read(key, OPTIONS)
      const first = await read('user:1')
      if (first.kind === 'load') await first.load.complete(VALUE, 15_000)
      return { ...test, read }
    }

    it('sends readers of new keys to their own handlers, and stores nothing', async () => {
      const { read, types, store } = await setUp()
      expect(told(await read('user:2'))).to.equal('pass-through: rule is full')
      expect(told(await read('user:1'))).to.equal('hit {"id":1}')
      expect(types()).to.deep.equal(['fill'])
      expect(await store.stored('user:2')).to.equal(null)
    })

    it('lets the key that is there be loaded again after its TTL', async () => {
      const { read, clock } = await setUp()
      clock.now += 5_000
      expect(told(await read('user:1'))).to.equal('load, or {"id":1}')
      expect(told(await read('user:2'))).to.equal('pass-through: rule is full')
    })

    it('lets a new key in once the other is evicted', async () => {
      const { read, engine } = await setUp()
      await engine.evict([{ kind: 'key', key: 'user:1' }])
      expect(told(await read('user:2'))).to.equal('load')
    })
  })

  it('ends a load once, however often it is told to', async () => {
    const { read, lead, store, types } = engineForTests()
    const load = await lead()
    await load.complete(VALUE, 60_000)
    expect(await load.complete(Buffer.from('"other"'), 60_000)).to.equal('refused')
    load.finishUnshareable()
    load.cancel()
    expect(told(await read())).to.equal('hit {"id":1}')
    expect(types()).to.deep.equal(['fill'])
    expect(store.asked('release')).to.equal(0)

    const given = await lead('user:2')
    given.finishUnshareable()
    given.cancel()
    expect(await given.complete(VALUE, 60_000)).to.equal('refused')
    expect(await store.stored('user:2')).to.equal(null)
    expect(store.asked('release')).to.equal(1)
  })

  describe('in the grace period', () => {
    // Five seconds to live, then ten of grace, the first four of which are for revalidation.
    const GRACE = { graceMs: 10_000, staleWhileRevalidateMs: 4_000 }
    const setUp = async () => {
      const test = engineForTests()
      const read = () => test.engine.read('user:1', GRACE)
      const first = await read()
      if (first.kind === 'load') await first.load.complete(Buffer.from('"old"'), 15_000)
      return { ...test, read }
    }

    it('hits until the TTL is over', async () => {
      const { read, clock } = await setUp()
      clock.now += 4_999
      expect(told(await read())).to.equal('hit "old"')
    })

    it('lets one reload, and serves the others the stale value while it runs', async () => {
      const { read, clock } = await setUp()
      clock.now += 5_000
      const leader = await read()
      expect(told(leader)).to.equal('load, or "old"')
      expect(told(await read())).to.equal('stale "old"')
      clock.now += 3_999
      expect(told(await read())).to.equal('stale "old"')
      if (leader.kind === 'load') await leader.load.complete(Buffer.from('"new"'), 15_000)
      expect(told(await read())).to.equal('hit "new"')
    })

    it('lets the others wait once the time for revalidation is over', async () => {
      const { read, clock } = await setUp()
      clock.now += 9_000
      const leader = await read()
      expect(told(leader)).to.equal('load, or "old"')
      const other = read()
      await settled()
      if (leader.kind === 'load') await leader.load.complete(Buffer.from('"new"'), 15_000)
      expect(told(await other)).to.equal('loaded "new"')
    })

    it('has nothing left once it is over', async () => {
      const { read, clock } = await setUp()
      clock.now += 15_000
      expect(told(await read())).to.equal('load')
    })
  })
})

describe('Engine.read in mode reload', () => {
  const RELOAD = { graceMs: 10_000, staleWhileRevalidateMs: 10_000, mode: 'reload' } as const
  const setUp = async () => {
    const test = engineForTests()
    await test.engine.set('user:1', Buffer.from('"old"'), 60_000)
    return { ...test, reload: () => test.engine.read('user:1', RELOAD) }
  }

  it('lets the reader load although a fresh value is there', async () => {
    const { reload, read } = await setUp()
    const reading = await reload()
    expect(told(reading)).to.equal('load, or "old"')
    if (reading.kind === 'load') await reading.load.complete(VALUE, 60_000)
    expect(told(await read())).to.equal('hit {"id":1}')
  })

  it('gives no reader the value that is there, and all what one of them loads', async () => {
    const { reload } = await setUp()
    const first = await reload()
    const others = Promise.all([reload(), reload()])
    await settled()
    if (first.kind === 'load') await first.load.complete(VALUE, 60_000)
    expect((await others).map(told)).to.deep.equal(Array(2).fill('loaded {"id":1}'))
  })

  it('stores nothing beyond the limit of keys', async () => {
    const { engine } = await setUp()
    const keyLimit = { prefix: 'user:', maxKeys: 1 }
    expect(told(await engine.read('user:2', { ...RELOAD, keyLimit }))).to.equal('pass-through: rule is full')
  })
})

describe('Engine.reload', () => {
  it('gives the right to load a value anew that is there', async () => {
    const { engine, read } = engineForTests()
    await engine.set('user:1', Buffer.from('"old"'), 60_000)
    const load = await engine.reload('user:1')
    expect(told(await read())).to.equal('hit "old"')
    await load?.complete(VALUE, 60_000)
    expect(told(await read())).to.equal('hit {"id":1}')
  })

  it('gives none where another has it, nor where no value is, and leaves no lease behind', async () => {
    const { engine, read, store } = engineForTests()
    expect(await engine.reload('user:1')).to.equal(null)
    expect(store.asked('release')).to.equal(1)
    expect(told(await read())).to.equal('load')
    expect(await engine.reload('user:1')).to.equal(null)
    expect(store.asked('release')).to.equal(1)
  })
})

describe('Engine.peek', () => {
  it('gives a fresh value, and asks for no lease', async () => {
    const { engine, lead, store } = engineForTests()
    expect(await engine.peek('user:1')).to.equal(null)
    await (await lead()).complete(VALUE, 60_000)
    const found = await engine.peek('user:1')
    expect(found?.value.toString()).to.equal('{"id":1}')
    expect(store.asked('lookup')).to.equal(1)
  })

  it('gives nothing that is in its grace period', async () => {
    const { engine, clock } = engineForTests()
    await engine.set('user:1', VALUE, 15_000)
    clock.now += 5_000
    expect(await engine.peek('user:1', 10_000)).to.equal(null)
    expect(await engine.peek('user:1', 9_999)).not.to.equal(null)
  })

  it('gives nothing while the store is down', async () => {
    const { engine, store } = engineForTests()
    await engine.set('user:1', VALUE, 15_000)
    store.trouble = new Error('down')
    expect(await engine.peek('user:1')).to.equal(null)
  })
})
