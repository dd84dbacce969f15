import type { Clock } from '@sinonjs/fake-timers'
import { expect } from 'chai'
import { CacheError } from '#src/errors.js'
import { install } from '../../support/fake-time.js'
import { engineForTests, settled, told } from './engine-for-tests.js'

const OF_USER = { kind: 'key', key: 'user:1' } as const

describe('the circuit', () => {
  let clock: Clock
  beforeEach(() => {
    clock = install({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
  })
  afterEach(() => clock.uninstall())

  const states = (events: readonly { type: string }[]) =>
    events.filter(({ type }) => type === 'circuit').map((event) => (event as { state?: string }).state)

  /** With a circuit that has just opened, after reading so many times in vain. */
  const opened = async () => {
    const test = engineForTests()
    await test.engine.set('user:1', Buffer.from('"old"'), 60_000)
    test.store.trouble = new Error('silence')
    for (let reads = 0; reads < 5; reads += 1)
      expect(told(await test.read())).to.equal('pass-through: store unavailable')
    return test
  }

  it('opens after five commands in a row without an answer, and no more are sent', async () => {
    const { engine, read, store, events } = await opened()
    expect(states(events)).to.deep.equal(['open'])
    expect(engine.circuit).to.equal('open')
    const asked = store.asked('lookup')
    expect(told(await read())).to.equal('pass-through: store unavailable')
    expect(await engine.peek('user:1')).to.equal(null)
    expect(store.asked('lookup')).to.equal(asked)
    expect(store.asked('get')).to.equal(0)
  })

  it('stays closed while an answer comes now and then', async () => {
    const { engine, store } = engineForTests()
    for (let times = 0; times < 20; times += 1) {
      store.trouble = times % 5 === 4 ? null : new Error('silence')
      await engine.peek('user:1')
    }
    expect(engine.circuit).to.equal('closed')
  })

  it('stays closed for a refusal, which is an answer', async () => {
    const { engine, store, read } = engineForTests()
    store.trouble = new CacheError('E_CACHE_STORE_REFUSED', { problem: 'OOM', mend: 'more memory' })
    for (let times = 0; times < 20; times += 1) await read()
    expect(engine.circuit).to.equal('closed')
  })

  it('keeps evictions without asking, and delivers them before it closes', async () => {
    const { engine, store, read, types, events } = await opened()
    expect(await engine.evict([OF_USER])).to.equal(0)
    expect(store.asked('evict')).to.equal(0)
    expect(engine.pendingEvictions).to.equal(1)
    store.trouble = null
    clock.tick(500)
    await settled()
    expect(states(events)).to.deep.equal(['open', 'half-open', 'closed'])
    expect(types().indexOf('evict-delivered')).to.be.below(types().lastIndexOf('circuit'))
    expect(engine.pendingEvictions).to.equal(0)
    expect(told(await read())).to.equal('load')
  })

  it('is tried twice a second by a probe, never by a request', async () => {
    const { engine, store, read, events } = await opened()
    for (let probes = 1; probes <= 3; probes += 1) {
      clock.tick(499)
      await read()
      await settled()
      const heartbeats = store.asked('heartbeat')
      clock.tick(1)
      await settled()
      expect(store.asked('heartbeat')).to.equal(heartbeats + 1)
      expect(engine.circuit).to.equal('open')
    }
    expect(states(events)).to.deep.equal(['open', ...Array(3).fill(['half-open', 'open']).flat()])
  })

  it('closes once the store answers, though nothing is served before all others have answered the roll call', async () => {
    const { engine, store, read } = await opened()
    store.trouble = null
    store.missing = 1
    clock.tick(500)
    await settled()
    expect(engine.circuit).to.equal('closed')
    for (let looks = 0; looks < 3; looks += 1) {
      expect(told(await read())).to.equal('pass-through: store unavailable')
      clock.tick(250)
      await settled()
    }
    store.missing = 0
    clock.tick(250)
    await settled()
    expect(told(await read())).to.equal('hit "old"')
  })

  it('opens within a second also where no request comes', async () => {
    const { engine, store } = engineForTests()
    store.trouble = new Error('silence')
    clock.tick(1_000)
    await settled()
    expect(engine.circuit).to.equal('open')
  })

  it('probes no more once the engine is closed', async () => {
    const { engine, store } = await opened()
    await engine.close()
    const asked = store.asked('heartbeat')
    clock.tick(5_000)
    await settled()
    expect(store.asked('heartbeat')).to.equal(asked)
    expect(clock.countTimers()).to.equal(0)
  })

  it('is checked in with each second, which also delivers what was kept', async () => {
    const { engine, store, types } = engineForTests()
    store.trouble = new Error('silence')
    await engine.evict([OF_USER])
    store.trouble = null
    clock.tick(1_000)
    await settled()
    expect(types()).to.include('evict-delivered')
    expect(engine.pendingEvictions).to.equal(0)
  })
})
