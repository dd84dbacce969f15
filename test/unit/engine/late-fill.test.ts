import { expect } from 'chai'
import type { Selector } from '#src/stores/store.js'
import { engineForTests, settled, told } from './engine-for-tests.js'

const OLD = Buffer.from('"old"')
const NEW = Buffer.from('"new"')

describe('a load that began before an eviction', () => {
  const evictions: readonly Selector[] = [
    { kind: 'key', key: 'user:1' },
    { kind: 'pattern', pattern: 'user:*' },
    { kind: 'glob', glob: 'us?r:[0-9]' },
  ]
  for (const selector of evictions) {
    describe(`by ${selector.kind}`, () => {
      it('is not stored', async () => {
        const { engine, lead, read, store, types } = engineForTests()
        const load = await lead()
        await engine.evict([selector])
        expect(await load.complete(OLD, 60_000)).to.equal('refused')
        expect(await store.stored('user:1')).to.equal(null)
        expect(told(await read())).to.equal('load')
        expect(types()).to.deep.equal(['evict', 'fill-refused'])
      })

      it('is not joined by a reader who comes after it', async () => {
        const { engine, lead, read, store } = engineForTests()
        const oldLoad = await lead()
        const early = read()
        await settled()
        await engine.evict([selector])

        const newLoad = await lead()
        const late = read()
        await settled()
        await oldLoad.complete(OLD, 60_000)
        // The early reader asked before the eviction, so the old value is an answer for it.
        expect(told(await early)).to.equal('loaded "old"')
        await newLoad.complete(NEW, 60_000)
        expect(told(await late)).to.equal('loaded "new"')
        expect(told(await read())).to.equal('hit "new"')
        expect(await store.stored('user:1')).to.equal('"new"')
      })

      it('is not stored over the newer value either, if that comes first', async () => {
        const { engine, lead, store } = engineForTests()
        const oldLoad = await lead()
        await engine.evict([selector])
        const newLoad = await lead()
        await newLoad.complete(NEW, 60_000)
        expect(await oldLoad.complete(OLD, 60_000)).to.equal('refused')
        expect(await store.stored('user:1')).to.equal('"new"')
      })

      it('is refused also when its fill is on its way while the store is asked to evict', async () => {
        const { engine, lead, store } = engineForTests()
        const load = await lead()
        const fill = store.hold('fill')
        const done = load.complete(OLD, 60_000)
        await fill.asked
        await engine.evict([selector])
        fill.open()
        expect(await done).to.equal('refused')
        expect(await store.stored('user:1')).to.equal(null)
      })
    })
  }

  it('stays when another key is evicted', async () => {
    const { engine, lead, store } = engineForTests()
    const load = await lead()
    await engine.evict([
      { kind: 'key', key: 'user:10' },
      { kind: 'pattern', pattern: 'user:1:*' },
      { kind: 'glob', glob: 'user:1?' },
    ])
    expect(await load.complete(OLD, 60_000)).to.equal('stored')
    expect(await store.stored('user:1')).to.equal('"old"')
  })

  it('is not stored over a value that was set meanwhile', async () => {
    const { engine, lead, read } = engineForTests()
    const load = await lead()
    expect(await engine.set('user:1', NEW, 60_000)).to.equal(true)
    expect(await load.complete(OLD, 60_000)).to.equal('refused')
    expect(told(await read())).to.equal('hit "new"')
  })

  it('does not disturb the load after it when it is given up', async () => {
    const { engine, lead, read } = engineForTests()
    const oldLoad = await lead()
    await engine.evict([{ kind: 'key', key: 'user:1' }])
    const newLoad = await lead()
    const reader = read()
    oldLoad.finishUnshareable()
    await settled()
    expect(await newLoad.complete(NEW, 60_000)).to.equal('stored')
    expect(told(await reader)).to.equal('loaded "new"')
  })
})

describe('Engine.evict', () => {
  it('says how many values it removed, and tells of them', async () => {
    const { engine, events } = engineForTests()
    for (const key of ['users:list:1', 'users:list:2', 'user:1']) await engine.set(key, OLD, 60_000)
    const removed = await engine.evict([
      { kind: 'pattern', pattern: 'users:list:*' },
      { kind: 'key', key: 'user:2' },
      { kind: 'glob', glob: 'x*' },
    ])
    expect(removed).to.equal(2)
    const [event] = events
    expect(event).to.deep.include({
      type: 'evict',
      targets: ['users:list:*', 'user:2', 'x*'],
      removed: 2,
    })
    expect(event).to.have.property('ms').that.is.at.least(0)
  })
})
