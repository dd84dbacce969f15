import { expect } from 'chai'
import type { Selector } from '#src/stores/store.js'
import { engineForTests, told } from './engine-for-tests.js'

const VALUE = Buffer.from('"written"')

describe('Engine.put', () => {
  it('stores the value of a write when nothing has happened behind its fence', async () => {
    const { engine, read, events } = engineForTests()
    const fence = await engine.fence('user')
    await engine.put('user:1', fence, VALUE, 60_000)
    expect(told(await read())).to.equal('hit "written"')
    expect(events).to.deep.equal([
      { type: 'put', rule: null, key: 'user:1', stored: true, bytes: VALUE.length },
    ])
  })

  const evictions: readonly Selector[] = [
    { kind: 'key', key: 'user:1' },
    { kind: 'key', key: 'user:2' },
    { kind: 'pattern', pattern: 'user:*' },
    { kind: 'pattern', pattern: '*:1' },
    { kind: 'glob', glob: 'user:*' },
    { kind: 'glob', glob: '*' },
  ]
  for (const selector of evictions) {
    const text = Object.values(selector).join(' ')
    it(`evicts the key instead if the ${text} of the same group was evicted meanwhile`, async () => {
      const { engine, read, events, store } = engineForTests()
      await store.storedElsewhere('user:1', '"old"')
      const fence = await engine.fence('user')
      await engine.evict([selector])
      await engine.put('user:1', fence, VALUE, 60_000)
      expect(await store.stored('user:1')).to.equal(null)
      expect(told(await read())).to.equal('load')
      expect(events.at(-1)).to.deep.equal({
        ...{ type: 'put', rule: null, key: 'user:1', stored: false },
        bytes: VALUE.length,
      })
    })
  }

  it('evicts the key if another of the group was set or put meanwhile, as both may have read before', async () => {
    for (const write of [
      ({ engine }: ReturnType<typeof engineForTests>) => engine.set('user:2', VALUE, 60_000),
      async ({ engine }: ReturnType<typeof engineForTests>) =>
        engine.put('user:1', await engine.fence('user'), Buffer.from('"other"'), 60_000),
    ]) {
      const test = engineForTests()
      const fence = await test.engine.fence('user')
      await write(test)
      await test.engine.put('user:1', fence, VALUE, 60_000)
      expect(await test.store.stored('user:1')).to.equal(null)
    }
  })

  it('stores it in spite of evictions in other groups', async () => {
    const { engine, store } = engineForTests()
    const fence = await engine.fence('user')
    await engine.evict([
      { kind: 'pattern', pattern: 'users:*' },
      { kind: 'key', key: 'task:1' },
    ])
    await engine.put('user:1', fence, VALUE, 60_000)
    expect(await store.stored('user:1')).to.equal('"written"')
  })

  it('takes the lease of a load that read before it', async () => {
    const { engine, lead, store } = engineForTests()
    const load = await lead()
    await engine.put('user:1', await engine.fence('user'), VALUE, 60_000)
    expect(await load.complete(Buffer.from('"old"'), 60_000)).to.equal('refused')
    expect(await store.stored('user:1')).to.equal('"written"')
  })

  it('evicts the key if there was no fence to be had', async () => {
    const { engine, store, events } = engineForTests()
    await store.storedElsewhere('user:1', '"old"')
    await engine.put('user:1', null, VALUE, 60_000)
    expect(await store.stored('user:1')).to.equal(null)
    expect(events.map(({ type }) => type)).to.deep.equal(['put', 'evict'])
  })

  it('keeps an eviction of the key if the store does not answer', async () => {
    const { engine, store, read, types } = engineForTests()
    await store.storedElsewhere('user:1', '"old"')
    const fence = await engine.fence('user')
    store.trouble = new Error('down')
    await engine.put('user:1', fence, VALUE, 60_000)
    expect(types()).to.deep.equal(['store-down', 'put', 'evict-kept'])
    store.trouble = null
    expect(told(await read())).to.equal('load')
  })
})

describe('Engine.putIfAbsent', () => {
  it('stores where nothing is, and leaves what is there', async () => {
    const { engine, store } = engineForTests()
    const fence = (await engine.fence('user')) as string
    expect(await engine.putIfAbsent('user:1', fence, VALUE, 60_000)).to.equal('stored')
    expect(await engine.putIfAbsent('user:1', fence, Buffer.from('"other"'), 60_000)).to.equal('present')
    expect(await store.stored('user:1')).to.equal('"written"')
  })

  it('stores nothing behind a fence that has fallen', async () => {
    const { engine, store } = engineForTests()
    const fence = (await engine.fence('user')) as string
    await engine.evict([{ kind: 'key', key: 'user:9' }])
    expect(await engine.putIfAbsent('user:1', fence, VALUE, 60_000)).to.equal('refused')
    expect(await store.stored('user:1')).to.equal(null)
  })
})
