import { expect } from 'chai'
import { StoreRefusal } from '#src/stores/store-refusal.js'
import { engineForTests } from './engine-for-tests.js'

const REFUSED = { problem: 'Redis does not permit STRLEN', mend: '' }

describe('Engine, for people who look,', () => {
  it('gives what the store has, and counts it', async () => {
    const { engine } = engineForTests()
    for (const key of ['user:1', 'user:2', 'task:1']) await engine.set(key, Buffer.from(key), 60_000)
    const page = await engine.browse({ prefix: 'user:', limit: 1 })
    expect(page?.entries.map(({ key }) => key)).to.deep.equal(['user:1'])
    expect(page?.next).to.equal('user:1')
    expect(await engine.count('user:')).to.equal(2)
  })

  it('knows nothing where the store does not answer', async () => {
    const { engine, store } = engineForTests()
    store.trouble = new Error('down')
    expect(await engine.browse({ prefix: '', limit: 1 })).to.equal(null)
    expect(await engine.count('')).to.equal(null)
  })

  it('goes on serving where the store refuses that alone, which is told', async () => {
    const { engine, store, read, types } = engineForTests()
    await read()
    const heartbeats = store.requests.length
    store.trouble = new StoreRefusal('all', REFUSED)
    expect(await engine.browse({ prefix: '', limit: 1 })).to.equal(null)
    store.trouble = null
    await read('user:2')
    expect(types()).to.deep.equal(['store-down', 'store-up'])
    // One that is out of touch would call the roll.
    expect(store.requests).to.have.lengthOf(heartbeats)
  })

  it('says after each heartbeat whether somebody looks', async () => {
    const { engine, store, read } = engineForTests()
    const told: boolean[] = []
    engine.onWatched((isWatched) => told.push(isWatched))
    await read()
    for (const isWatched of [false, true, false]) {
      store.isWatched = isWatched
      store.observer?.rollCalled(0)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(told).to.deep.equal([false, true, false])
  })
})
