import { expect } from 'chai'
import { BodyCopy } from '#src/express/response/body-copy.js'
import { RecentAnswers } from '#src/http/recent-answers.js'
import { MemoryStore } from '#src/stores/memory/memory-store.js'
import { ProcessTier } from '#src/stores/tiered/process-tier.js'

const KEY = 'user:1'
const TTL_MS = 60_000
const TEXT = JSON.stringify('x'.repeat(600))

/** Each keeps bytes, and gives them again. */
const KEEPERS: Readonly<Record<string, (bytes: Buffer) => Promise<Buffer | undefined>>> = {
  'the in-process store, of a load': async (bytes) => {
    const store = new MemoryStore()
    const found = await store.lookup(KEY, { leaseMs: TTL_MS, graceMs: 0 })
    if (found.kind !== 'lease') throw new Error('no lease')
    await store.fill(KEY, found.lease, bytes, TTL_MS)
    return store.hit(KEY, 0)?.value
  },
  'the in-process store, of cache.set': async (bytes) => {
    const store = new MemoryStore()
    await store.set(KEY, bytes, TTL_MS)
    return store.hit(KEY, 0)?.value
  },
  'the in-process store, of a write': async (bytes) => {
    const store = new MemoryStore()
    await store.put(KEY, await store.fence('user'), bytes, TTL_MS, 'replace')
    return store.hit(KEY, 0)?.value
  },
  'the process tier': async (bytes) => {
    const tier = new ProcessTier({ maxBytes: 10_000, maxAgeMs: TTL_MS })
    tier.put(KEY, { value: bytes, remainingMs: TTL_MS }, tier.generation)
    return tier.get(KEY, 0)?.value
  },
  'what is recorded of an answer': async (bytes) => {
    const body = new BodyCopy(10_000)
    body.add(bytes, undefined)
    return body.take()
  },
  'what is remembered of Redis': async (bytes) => new RecentAnswers().decode(KEY, bytes)?.body,
}

describe('Bytes that are kept', () => {
  for (const [name, keep] of Object.entries(KEEPERS)) {
    it(`keep nothing alive but themselves: ${name}`, async () => {
      // Node takes short ones from a pool.
      const given = Buffer.from(TEXT)
      expect(given.buffer.byteLength).to.be.greaterThan(TEXT.length)
      const kept = await keep(given)
      expect(String(kept)).to.equal(TEXT)
      expect(kept?.buffer.byteLength).to.equal(TEXT.length)
    })
  }
})
