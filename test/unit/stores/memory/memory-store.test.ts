import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect } from 'chai'
import { MemoryStore } from '#src/stores/memory/memory-store.js'

const TTL_MS = 60_000
const NO_GRACE = { leaseMs: 1_000, graceMs: 0 }

describe('MemoryStore', () => {
  it('drops what was used least recently when it is full', async () => {
    const store = new MemoryStore({ maxBytes: 10_000 })
    await store.set('first', Buffer.alloc(4_000), TTL_MS)
    await store.set('second', Buffer.alloc(4_000), TTL_MS)
    await store.get('first')
    await store.set('third', Buffer.alloc(4_000), TTL_MS)
    expect(await store.get('second')).to.equal(null)
    expect(await store.get('first')).to.not.equal(null)
    expect(await store.evict([{ kind: 'pattern', pattern: '*' }])).to.equal(2)
  })

  it('keeps the lease of a key whose stale value was dropped for room within reach of evictions', async () => {
    const store = new MemoryStore({ maxBytes: 10_000 })
    await store.set('a:1', Buffer.alloc(4_000), TTL_MS)
    const found = await store.lookup('a:1', { leaseMs: 60_000, graceMs: TTL_MS })
    await store.set('b', Buffer.alloc(9_000), TTL_MS)
    expect(await store.get('a:1')).to.equal(null)
    await store.evict([{ kind: 'pattern', pattern: 'a:*' }])
    expect(
      found.kind === 'lease' && (await store.fill('a:1', found.lease, Buffer.from('old'), TTL_MS)),
    ).to.equal(false)
  })

  it('says that a value too large for it was not stored, and drops the old one', async () => {
    const store = new MemoryStore({ maxBytes: 1_000 })
    await store.set('a', Buffer.from('old'), TTL_MS)
    const found = await store.lookup('a', { leaseMs: 60_000, graceMs: TTL_MS })
    if (found.kind !== 'lease') throw new Error('no lease')
    expect(await store.fill('a', found.lease, Buffer.alloc(2_000), TTL_MS)).to.equal(false)
    expect(await store.get('a')).to.equal(null)
  })

  it('lives by the clock it is given', async () => {
    let now = 0
    const store = new MemoryStore({ now: () => now })
    await store.set('a', Buffer.from('a'), 100)
    now = 99
    expect((await store.get('a'))?.remainingMs).to.equal(1)
    now = 100
    expect(await store.get('a')).to.equal(null)
  })

  it('forgets leases that ended, values dropped for room, and old fences', async function () {
    this.timeout(60_000)
    let now = 0
    const store = new MemoryStore({ maxBytes: 1_000_000, now: () => now })
    const before = heapUsed()
    for (let id = 0; id < 100_000; id += 1) {
      now += 100
      await store.lookup(`lease:${id}`, NO_GRACE)
      await store.set(`value:${id}`, Buffer.from('x'), 3_600_000)
      await store.fence(`group-${id}`)
    }
    // Kept, they would be some 70 MB. The fences of the last hour stand.
    expect(heapUsed() - before).to.be.below(20_000_000)
    await store.close()
  })
})

function heapUsed(): number {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  collect()
  return process.memoryUsage().heapUsed
}
