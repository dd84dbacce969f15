import { expect } from 'chai'
import type { CacheEvent } from '#src/engine/cache-event.js'
import { PendingEvictions } from '#src/engine/pending-evictions.js'
import type { Selector } from '#src/stores/store.js'
import { StoreRefusal } from '#src/stores/store-refusal.js'
import { errorOf, settled } from './engine-for-tests.js'
import { SteerableStore } from './steerable-store.js'

const ofKey = (key: string): Selector => ({ kind: 'key', key })

function pendingForTests() {
  const store = new SteerableStore()
  const events: CacheEvent[] = []
  const pending = new PendingEvictions(store, (event) => {
    events.push(event)
  })
  return { store, events, pending }
}

describe('PendingEvictions', () => {
  it('are idle, then delivering, then idle, and tell what they were given and have delivered', async () => {
    const { pending, store, events } = pendingForTests()
    pending.add([ofKey('a'), ofKey('b')])
    expect([pending.state, pending.size]).to.deep.equal(['idle', 2])
    const held = store.hold('evict')
    const delivery = pending.deliver()
    expect(pending.state).to.equal('delivering')
    held.open()
    await delivery
    expect([pending.state, pending.size]).to.deep.equal(['idle', 0])
    expect(store.evictions).to.deep.equal([[ofKey('a'), ofKey('b')]])
    expect(events).to.deep.equal([
      { type: 'evict-kept', targets: ['a', 'b'] },
      { type: 'evict-delivered', targets: ['a', 'b'] },
    ])
  })

  it('stay pending if a delivery fails, for the next one', async () => {
    const { pending, store, events } = pendingForTests()
    pending.add([ofKey('a')])
    store.trouble = new Error('silence')
    expect(await errorOf(pending.deliver())).to.equal(store.trouble)
    expect([pending.state, pending.size]).to.deep.equal(['idle', 1])
    store.trouble = null
    await pending.deliver()
    expect(pending.isEmpty).to.equal(true)
    expect(events.map(({ type }) => type)).to.deep.equal(['evict-kept', 'evict-delivered'])
  })

  it('are widened to their group, and then to everything, where the store refuses them for their own sake', async () => {
    const { pending, store } = pendingForTests()
    pending.add([ofKey('user:1')])
    store.trouble = new StoreRefusal('command', { problem: 'Redis refused a command', mend: '' })
    for (let refusals = 0; refusals < 5; refusals += 1) await errorOf(pending.deliver())
    const group = [ofKey('user'), { kind: 'pattern', pattern: 'user:*' }]
    const everything = [{ kind: 'glob', glob: '*' }]
    const sent = [[ofKey('user:1')], [ofKey('user:1')], group, group, everything]
    expect(store.evictions).to.deep.equal(sent)
  })

  it('stay as they are where the store takes no writes at all', async () => {
    const { pending, store } = pendingForTests()
    pending.add([ofKey('user:1')])
    store.trouble = new StoreRefusal('all', { problem: 'Redis refused a command', mend: '' })
    for (let refusals = 0; refusals < 5; refusals += 1) await errorOf(pending.deliver())
    expect(store.evictions.at(-1)).to.deep.equal([ofKey('user:1')])
  })

  it('go out once for all who deliver, with what was added meanwhile behind them', async () => {
    const { pending, store } = pendingForTests()
    pending.add([ofKey('a')])
    const held = store.hold('evict')
    const deliveries = [pending.deliver(), pending.deliver()]
    pending.add([ofKey('a'), ofKey('b')])
    held.open()
    await Promise.all(deliveries)
    expect(store.evictions).to.deep.equal([[ofKey('a')], [ofKey('a'), ofKey('b')]])
  })

  it('ask the store for nothing where there are none', async () => {
    const { pending, store } = pendingForTests()
    await pending.deliver()
    await pending.whenDelivered()
    expect(store.asked('evict')).to.equal(0)
  })

  it('let those wait until all are delivered who want to', async () => {
    const { pending, store } = pendingForTests()
    pending.add([ofKey('a')])
    let ended = 0
    const waiting = [pending.whenDelivered(), pending.whenDelivered()].map((done) =>
      done.then(() => {
        ended += 1
      }),
    )
    const [first, second] = [store.hold('evict'), store.hold('evict')]
    const delivery = pending.deliver()
    pending.add([ofKey('b')])
    first.open()
    await settled()
    expect(ended).to.equal(0)
    second.open()
    await Promise.all([delivery, ...waiting])
    expect(ended).to.equal(2)
  })

  it('say at the end that they will not be delivered, to those who wait and those who come later', async () => {
    const { pending, store } = pendingForTests()
    pending.add([ofKey('a')])
    const waiting = errorOf(pending.whenDelivered())
    pending.close()
    expect(pending.state).to.equal('closed')
    for (const error of [
      await waiting,
      await errorOf(pending.whenDelivered()),
      await errorOf(pending.deliver()),
    ]) {
      expect(error).to.have.property('message').that.includes('closed before')
    }
    expect(store.asked('evict')).to.equal(0)
  })

  it('stay closed when a delivery ends that was under way', async () => {
    const { pending, store } = pendingForTests()
    pending.add([ofKey('a')])
    const held = store.hold('evict')
    const delivery = pending.deliver()
    pending.close()
    held.open()
    await delivery
    expect([pending.state, pending.isEmpty]).to.deep.equal(['closed', true])
  })
})
