import { expect } from 'chai'
import { engineForTests, settled, told } from './engine-for-tests.js'

const VALUE = Buffer.from('"value"')
const OF_USER = { kind: 'key', key: 'user:1' } as const

describe('an intent of the engine', () => {
  it('removes what a write will evict, and sends readers to their handlers until the write has evicted', async () => {
    const { engine, read, store, types } = engineForTests()
    await store.storedElsewhere('user:1', '"old"')
    const intent = await engine.intend([OF_USER])
    expect(await store.stored('user:1')).to.equal(null)
    expect(told(await read())).to.equal('pass-through: write under way')
    expect(await engine.evict([OF_USER], intent)).to.equal(0)
    expect(told(await read())).to.equal('load')
    expect(types()).to.deep.equal(['intent', 'evict'])
  })

  it('ends where the write evicts nothing', async () => {
    const { engine, read } = engineForTests()
    const [failed, empty] = [await engine.intend([OF_USER]), await engine.intend([OF_USER])]
    if (failed) await engine.settle(failed)
    expect(told(await read())).to.equal('pass-through: write under way')
    await engine.evict([], empty)
    await settled()
    expect(told(await read())).to.equal('load')
  })

  it('is none where there is nothing to tell, and where the store ends with the process', async () => {
    const { engine, store } = engineForTests()
    expect(await engine.intend([])).to.equal(null)
    expect(await engine.intend([{ kind: 'key', key: 'x'.repeat(2_000) }])).to.equal(null)
    expect(store.asked('intend')).to.equal(0)
  })

  it('that the store does not acknowledge lets the write go on, and is told of', async () => {
    const { engine, read, store, events } = engineForTests()
    store.trouble = new Error('down')
    const intent = await engine.intend([OF_USER])
    expect(events.at(-1)).to.deep.equal({ type: 'intent-missed', targets: ['user:1'] })
    store.trouble = null
    expect(await engine.evict([OF_USER], intent)).to.equal(0)
    expect(told(await read())).to.equal('load')
  })

  it('stands while the eviction that ends it is kept, and ends once that is delivered', async () => {
    const { engine, read, store } = engineForTests()
    const intent = await engine.intend([OF_USER])
    store.trouble = new Error('down')
    await engine.evict([OF_USER], intent)
    store.trouble = null
    expect(store.intents.size).to.equal(1)
    // The next request delivers, the next heartbeat settles.
    expect(told(await read())).to.equal('pass-through: write under way')
    store.observer?.rollCalled(1)
    await settled()
    await settled()
    expect(store.intents.size).to.equal(0)
    expect(told(await read())).to.equal('load')
  })

  it('that could not be settled is settled with the next heartbeat, and never ahead of evictions that are kept', async () => {
    const { engine, store } = engineForTests()
    await engine.peek('user:1')
    const intent = await engine.intend([OF_USER])
    store.trouble = new Error('down')
    if (intent) await engine.settle(intent)
    await engine.evict([OF_USER])
    store.trouble = null
    store.evictions.length = 0
    store.observer?.rollCalled(1)
    await settled()
    await settled()
    expect(store.evictions).to.deep.equal([[OF_USER], []])
    expect(store.intents.size).to.equal(0)
  })

  it('lets its own write put, and no other', async () => {
    const { engine, store } = engineForTests()
    const intent = await engine.intend([OF_USER])
    const [own, other] = [await engine.fence('user', intent), await engine.fence('user')]
    await engine.put('user:1', other, VALUE, 60_000)
    expect(await store.stored('user:1')).to.equal(null)
    expect(own).to.not.equal(other)
  })
})
