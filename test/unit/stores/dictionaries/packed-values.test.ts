import { setImmediate } from 'node:timers/promises'
import { expect } from 'chai'
import { dictionaryIn } from '#src/stores/dictionaries/dictionary.js'
import { PackedValues } from '#src/stores/dictionaries/packed-values.js'
import { MemoryShelf } from './memory-shelf.js'

describe('values that are packed with a dictionary', () => {
  const RULE = { name: 'customers', takesValues: true }
  const TTL_MS = 60_000
  let shelf: MemoryShelf
  beforeEach(() => {
    shelf = new MemoryShelf()
  })

  const rowOf = (id: number) =>
    Buffer.from(JSON.stringify({ id, name: `Customer ${id}`, industry: 'software', createdAt: '2026-11-29' }))
  const otherOf = (id: number) =>
    Buffer.from(JSON.stringify({ number: id, street: `Street ${id}`, city: 'Hamburg', country: 'Germany' }))

  /** Stores values until one of them is packed, with another dictionary than an old one. */
  async function learn(values: PackedValues, make = rowOf, from = 0, old?: string): Promise<Buffer> {
    for (let id = from; id < from + 20_000; id += 1) {
      const stored = values.pack(RULE, `customer:${id}`, make(id), TTL_MS)
      const used = dictionaryIn(stored)
      if (used !== undefined && used !== old) return stored
      await setImmediate()
    }
    throw new Error('nothing has been packed')
  }

  const read = async (values: PackedValues, value: Buffer) =>
    (await values.unpack({ value, remainingMs: TTL_MS })).value

  it('take a fraction of the room, and are as they were, here and in other processes', async () => {
    const here = new PackedValues(shelf)
    await learn(here)
    for (let id = 10_000; id < 10_100; id += 1) {
      const stored = here.pack(RULE, `customer:${id}`, rowOf(id), TTL_MS)
      expect(stored.length).to.be.lessThan(rowOf(id).length / 2)
      for (const values of [here, new PackedValues(shelf)]) {
        expect((await read(values, stored)).equals(rowOf(id))).to.equal(true)
      }
    }
  })

  it('have one dictionary in all processes', async () => {
    const all = [new PackedValues(shelf), new PackedValues(shelf), new PackedValues(shelf)]
    const stored = await Promise.all(all.map((values, nth) => learn(values, rowOf, nth * 1_000)))
    const late = await learn(new PackedValues(shelf), rowOf, 5_000)
    expect(new Set([...stored, late].map(dictionaryIn)).size).to.equal(1)
  })

  it('are left as they are where they are short or long, and while nothing is known', async () => {
    const values = new PackedValues(shelf)
    expect(values.pack(RULE, 'customer:1', rowOf(1), TTL_MS).equals(rowOf(1))).to.equal(true)
    await learn(values)
    for (const value of [Buffer.from('{"id":1}'), Buffer.from(JSON.stringify('x'.repeat(40_000)))]) {
      expect(values.pack(RULE, 'customer:2', value, TTL_MS)).to.equal(value)
      expect(await read(values, value)).to.equal(value)
    }
  })

  it('stay packed once their dictionary is lost, which is asked for once in a while', async () => {
    const stored = await learn(new PackedValues(shelf))
    shelf.kept.clear()
    const other = new PackedValues(shelf)
    const finds = shelf.finds
    for (let time = 0; time < 10; time += 1) expect(await read(other, stored)).to.equal(stored)
    expect(shelf.finds - finds).to.equal(1)
    const stale = { value: stored, remainingMs: 1 }
    expect(await other.unpackLookup({ kind: 'lease', lease: 'x', stale })).to.deep.equal({
      ...{ kind: 'lease', lease: 'x', stale: null },
    })
  })

  it('stay packed where they, or what lies in place of their dictionary, are damaged', async () => {
    const values = new PackedValues(shelf)
    const stored = await learn(values)
    const cut = stored.subarray(0, stored.length - 3)
    expect(await read(values, cut)).to.equal(cut)
    for (const [id, bytes] of shelf.kept) {
      shelf.kept.set(id, Buffer.from(bytes.toString().replaceAll('software', 'hardware')))
    }
    expect(await read(new PackedValues(shelf), stored)).to.equal(stored)
  })

  it('are stored as they are while dictionaries cannot be kept', async () => {
    shelf.isDown = true
    const values = new PackedValues(shelf)
    for (let id = 0; id < 500; id += 1) {
      const value = rowOf(id)
      expect(values.pack(RULE, `customer:${id}`, value, TTL_MS)).to.equal(value)
      await setImmediate()
    }
  })

  it('get another dictionary once answers are no longer like those it was made of', async () => {
    const values = new PackedValues(shelf)
    const old = dictionaryIn(await learn(values))
    for (let id = 0; id < 300; id += 1) values.pack(RULE, `old:${id}`, rowOf(id), TTL_MS)
    await learn(values, otherOf, 1_000, old)
    expect([...shelf.kept.keys()]).to.include(old)
  })

  it('are forgotten with a dictionary that somebody’s name stands in', async () => {
    const named = (id: number) =>
      Buffer.from(JSON.stringify({ id, seller: 'grace@mail.example', text: `Text ${id}`, state: 'done' }))
    const values = new PackedValues(shelf)
    const stored = await learn(values, named)
    await values.forget((text) => text.includes('ada@'))
    expect(shelf.kept.size).to.equal(1)
    await values.forget((text) => text.includes('grace@'))
    expect(shelf.kept.size).to.equal(0)
    expect(await read(values, stored)).to.equal(stored)
    expect(values.pack(RULE, 'customer:1', named(1), TTL_MS).equals(named(1))).to.equal(true)
  })
})
