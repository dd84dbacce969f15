import { expect } from 'chai'
import { MemoryStore } from '#src/stores/memory/memory-store.js'
import type { Lookup, Selector, StoredValue } from '#src/stores/store.js'
import { type InvalidationListener, TieredStore } from '#src/stores/tiered/tiered-store.js'
import { type Gate, gate } from '../../../support/gate.js'

const TTL_MS = 60_000
const NO_GRACE = { leaseMs: 60_000, graceMs: 0 }
const KEY = 'user:1'

/** A store whose answers to reads come when the test lets them. */
class SlowStore extends MemoryStore {
  listener: InvalidationListener | undefined
  answer: Gate | undefined
  value: Buffer | undefined

  onInvalidation(listener: InvalidationListener): void {
    this.listener = listener
  }

  intend(_token: string, selectors: readonly Selector[]): Promise<number> {
    return this.evict(selectors)
  }

  override hit(): null {
    return null
  }

  override async get(key: string): Promise<StoredValue | null> {
    const found = await super.get(key)
    await this.answer?.wait
    return found && { ...found, value: this.value ?? found.value }
  }

  override async lookup(key: string, options: typeof NO_GRACE): Promise<Lookup> {
    const found = await super.lookup(key, options)
    await this.answer?.wait
    return found.kind === 'hit' ? { ...found, value: this.value ?? found.value } : found
  }
}

describe('TieredStore', () => {
  let store: SlowStore
  let tiered: TieredStore
  const listener = () => store.listener as InvalidationListener
  const copied = () => tiered.hit(KEY, 0)?.value.toString() ?? null
  /** As another process writes it, before this one gets the invalidation message. */
  const writeElsewhere = (text: string) => store.set(KEY, Buffer.from(text), TTL_MS)

  beforeEach(async () => {
    store = new SlowStore()
    tiered = new TieredStore(store, { maxBytes: 100_000, maxAgeMs: TTL_MS })
    listener().begin()
    await writeElsewhere('old')
  })

  for (const read of ['get', 'lookup'] as const) {
    const readOnce = () => (read === 'get' ? tiered.get(KEY) : tiered.lookup(KEY, NO_GRACE))

    it(`keeps a copy of what ${read} gave`, async () => {
      expect(copied()).to.equal(null)
      await readOnce()
      expect(copied()).to.equal('old')
    })

    it(`keeps a copy of what ${read} gave, into whose memory the client reads again`, async () => {
      const memory = Buffer.from(Uint8Array.from(Buffer.from('old')).buffer)
      store.value = memory
      await readOnce()
      memory.write('new')
      expect(copied()).to.equal('old')
    })

    it(`keeps none of what ${read} was asked for before an invalidation message came`, async () => {
      store.answer = gate()
      const reading = readOnce()
      await writeElsewhere('new')
      listener().evicted([{ kind: 'key', key: KEY }])
      store.answer.open()
      await reading
      expect(copied()).to.equal(null)
    })

    it(`keeps none of what ${read} was asked for before an eviction of its own was acknowledged`, async () => {
      store.answer = gate()
      const reading = readOnce()
      await tiered.evict([{ kind: 'pattern', pattern: 'user:*' }])
      store.answer.open()
      await reading
      expect(copied()).to.equal(null)
    })

    it(`keeps none of what ${read} was asked for before the connection was lost`, async () => {
      store.answer = gate()
      const reading = readOnce()
      listener().end()
      listener().begin()
      store.answer.open()
      await reading
      expect(copied()).to.equal(null)
    })
  }

  it('keeps a copy of what it filled, unless that was evicted meanwhile', async () => {
    await tiered.evict([{ kind: 'key', key: KEY }])
    const found = await tiered.lookup(KEY, NO_GRACE)
    if (found.kind !== 'lease') throw new Error(found.kind)
    expect(await tiered.fill(KEY, found.lease, Buffer.from('filled'), TTL_MS)).to.equal(true)
    expect(copied()).to.equal('filled')
    await tiered.evict([{ kind: 'key', key: KEY }])
    expect(await tiered.fill(KEY, found.lease, Buffer.from('late'), TTL_MS)).to.equal(false)
    expect(copied()).to.equal(null)
  })

  const writes: Record<string, () => Promise<unknown>> = {
    evict: () => tiered.evict([{ kind: 'key', key: KEY }]),
    set: () => tiered.set(KEY, Buffer.from('new'), TTL_MS),
    put: async () => tiered.put(KEY, await tiered.fence('user'), Buffer.from('new'), TTL_MS, 'replace'),
  }
  for (const [name, write] of Object.entries(writes)) {
    it(`drops its copy before ${name} is acknowledged, also if it fails`, async () => {
      await tiered.get(KEY)
      await write()
      expect(copied()).to.equal(null)

      await tiered.get(KEY)
      const notReached = (): Promise<never> => Promise.reject(new Error('not reached'))
      store.evict = notReached
      store.set = notReached
      store.put = notReached
      await write().catch(() => {})
      expect(copied()).to.equal(null)
    })
  }

  it('has no copies while it is not subscribed', async () => {
    await tiered.get(KEY)
    listener().end()
    expect(copied()).to.equal(null)
    await tiered.get(KEY)
    expect(copied()).to.equal(null)
    listener().begin()
    await tiered.get(KEY)
    expect(copied()).to.equal('old')
  })

  it('drops what others evict', async () => {
    await tiered.get(KEY)
    listener().evicted([{ kind: 'key', key: 'user:2' }])
    expect(copied()).to.equal('old')
    listener().evicted([{ kind: 'glob', glob: '*' }])
    expect(copied()).to.equal(null)
  })
})
