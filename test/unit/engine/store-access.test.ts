import type { Clock } from '@sinonjs/fake-timers'
import { expect } from 'chai'
import { SILENCES } from '#src/engine/availability.js'
import type { CacheEvent } from '#src/engine/cache-event.js'
import { StoreAccess } from '#src/engine/store-access.js'
import { StoreRefusal } from '#src/stores/store-refusal.js'
import { install } from '../../support/fake-time.js'
import { settled } from './engine-for-tests.js'
import { SteerableStore } from './steerable-store.js'

const OF_USER = { kind: 'key', key: 'user:1' } as const

describe('StoreAccess', () => {
  let clock: Clock
  beforeEach(() => {
    clock = install({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
  })
  afterEach(() => clock.uninstall())

  function accessForTests() {
    const store = new SteerableStore()
    const events: CacheEvent[] = []
    let heartbeats = 0
    const access = new StoreAccess(
      store,
      (event) => {
        events.push(event)
      },
      () => {
        heartbeats += 1
      },
    )
    return {
      access,
      store,
      get: () => access.execute(() => store.get('user:1').then(() => 'answered')),
      heartbeats: () => heartbeats,
      circuits: () => events.flatMap((event) => (event.type === 'circuit' ? [event.state] : [])),
    }
  }

  async function suspended() {
    const test = accessForTests()
    await test.get()
    test.store.trouble = new Error('silence')
    for (let silences = 0; silences < SILENCES; silences += 1) await test.get()
    expect(test.access.circuit).to.equal('open')
    return test
  }

  it('lets nothing be served before the others know of the process, nor while an eviction is pending', async () => {
    const { access, get, store } = accessForTests()
    expect(access.mayServe).to.equal(false)
    expect(await get()).to.equal('answered')
    expect(access.mayServe).to.equal(true)
    store.hold('evict').fail()
    expect(await access.evict([OF_USER])).to.equal(null)
    expect(access.mayServe).to.equal(false)
    expect(await get()).to.equal('answered')
    expect(access.mayServe).to.equal(true)
  })

  it('serves no more from the first silence on, until it has come back', async () => {
    const { access, get, store } = accessForTests()
    await get()
    store.hold('get').fail()
    expect(await get()).to.equal(null)
    expect([access.mayServe, access.mayBelieve, access.circuit]).to.deep.equal([false, false, 'closed'])
    expect(await get()).to.equal('answered')
    expect([access.mayServe, access.mayBelieve]).to.deep.equal([true, true])
    expect(store.requests.at(-1)?.rollCall).to.equal('begin')
  })

  it('serves no more from the moment in which it is suspended, until it has come back', async () => {
    const { access, store } = await suspended()
    expect(access.mayServe).to.equal(false)
    store.trouble = null
    clock.tick(500)
    await settled()
    expect(access.mayServe).to.equal(true)
  })

  it('serves no more where a store refuses what it refuses to evictions too', async () => {
    const details = { problem: 'Redis refused a command', mend: '' }
    for (const [scope, mayServe] of [
      ['command', true],
      ['growth', true],
      ['all', false],
    ] as const) {
      const { access, get, store } = accessForTests()
      await get()
      store.trouble = new StoreRefusal(scope, details)
      expect(await get()).to.equal(null)
      expect([scope, access.mayServe]).to.deep.equal([scope, mayServe])
    }
  })

  it('serves no more where its heartbeat is refused, whatever for, until one is taken', async () => {
    for (const scope of ['command', 'growth', 'all'] as const) {
      const { access, get, store } = accessForTests()
      await get()
      store.trouble = new StoreRefusal(scope, { problem: 'Redis refused a command', mend: '' })
      clock.tick(1_000)
      await settled()
      expect([scope, access.mayServe]).to.deep.equal([scope, false])
      store.trouble = null
      clock.tick(1_000)
      await settled()
      expect([scope, access.mayServe]).to.deep.equal([scope, true])
    }
  })

  it('serves no more from the moment in which its connection is lost', async () => {
    const { access, get, store } = accessForTests()
    await get()
    store.observer?.touchLost()
    expect(access.mayServe).to.equal(false)
    expect(await get()).to.equal('answered')
    expect(access.mayServe).to.equal(true)
  })

  it('waits for the others without sending what requests ask for, and looks by itself', async () => {
    const { access, get, store } = accessForTests()
    await get()
    store.observer?.touchLost()
    store.missing = 1
    const asked = store.asked('get')
    for (let requests = 0; requests < 2 * SILENCES; requests += 1) expect(await get()).to.equal(null)
    expect([store.asked('get'), access.circuit]).to.deep.equal([asked, 'closed'])
    store.missing = 0
    clock.tick(10)
    await settled()
    expect(access.mayServe).to.equal(true)
    expect(await get()).to.equal('answered')
  })

  it('answers a roll call at once, and each that comes meanwhile', async () => {
    const { get, store } = accessForTests()
    await get()
    const held = store.hold('heartbeat')
    store.calls = 1
    store.observer?.rollCalled(1)
    await held.asked
    store.observer?.rollCalled(2)
    store.observer?.rollCalled(3)
    store.calls = 3
    held.open()
    await settled()
    expect(store.requests.map(({ heard }) => heard)).to.deep.equal([0, 1, 3])
  })

  it('takes no late answer for the end of a suspension', async () => {
    const { access, get, store, circuits } = accessForTests()
    await get()
    const late = store.hold('get')
    const answer = get()
    await late.asked
    for (let silences = 0; silences < SILENCES; silences += 1) {
      store.hold('get').fail()
      await get()
    }
    late.open()
    expect(await answer).to.equal('answered')
    expect(access.circuit).to.equal('open')
    expect(circuits()).to.deep.equal(['open'])
  })

  it('sends an eviction on its way that is not acknowledged, also while it is suspended, and raises the alarm for one that is refused', async () => {
    const { access, get, store } = accessForTests()
    await get()
    expect(await access.evict([OF_USER])).to.equal(0)
    store.trouble = new StoreRefusal('all', { problem: 'Redis refused a command', mend: '' })
    expect(await access.evict([OF_USER])).to.equal(null)
    expect([store.posted, store.alarms]).to.deep.equal([[], 1])
    store.trouble = new Error('silence')
    expect(await access.evict([OF_USER])).to.equal(null)
    expect(store.posted).to.deep.equal([[OF_USER]])
    while (access.circuit === 'closed') await get()
    expect(await access.evict([OF_USER])).to.equal(null)
    expect(store.posted).to.deep.equal([[OF_USER], [OF_USER]])
  })

  it('sends a heartbeat each second, and tells of those that the store has acknowledged', async () => {
    const { get, heartbeats, store } = accessForTests()
    await get()
    clock.tick(1_000)
    await settled()
    expect([store.asked('heartbeat'), heartbeats()]).to.deep.equal([2, 1])
    store.hold('heartbeat').fail()
    clock.tick(1_000)
    await settled()
    expect([store.asked('heartbeat'), heartbeats()]).to.deep.equal([5, 3])
  })

  describe('at its end', () => {
    it('delivers what is pending, and then says goodbye', async () => {
      const { access, get, store } = accessForTests()
      await get()
      store.hold('evict').fail()
      await access.evict([OF_USER])
      const delivery = store.hold('evict')
      const closing = access.close()
      await delivery.asked
      await settled()
      expect(store.asked('leave')).to.equal(0)
      delivery.open()
      await closing
      expect(store.asked('leave')).to.equal(1)
    })

    it('says no goodbye behind evictions that it could not deliver, and tells those who wait for them', async () => {
      const { access, get, store } = accessForTests()
      await get()
      store.trouble = new Error('silence')
      await access.evict([OF_USER])
      const outcome = access.pending.whenDelivered().catch(({ message }: Error) => message)
      await access.close()
      expect(await outcome).to.include('closed before')
      expect(store.asked('leave')).to.equal(0)
    })

    it('asks nothing of a store that is suspended, and tries it no more', async () => {
      const { access, circuits, store } = await suspended()
      await access.close()
      const heartbeats = store.asked('heartbeat')
      clock.tick(5_000)
      await settled()
      expect(circuits()).to.deep.equal(['open'])
      expect(store.asked('leave')).to.equal(0)
      expect(store.asked('heartbeat')).to.equal(heartbeats)
    })

    it('lets a probe end that is under way, and begins none after it', async () => {
      const { access, circuits, store } = await suspended()
      store.trouble = null
      const probe = store.hold('heartbeat')
      clock.tick(500)
      await probe.asked
      await access.close()
      probe.fail()
      await settled()
      clock.tick(5_000)
      await settled()
      expect(circuits()).to.deep.equal(['open', 'half-open', 'open'])
    })

    it('says nothing to a store that it has never reached', async () => {
      const { access, store } = accessForTests()
      await access.close()
      expect(store.asked('leave')).to.equal(0)
    })
  })
})
