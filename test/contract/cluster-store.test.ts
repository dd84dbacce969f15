import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { Cluster } from 'ioredis'
import type { ScriptCommand } from '#src/clients/store-client.js'
import type { CacheEvent } from '#src/engine/cache-event.js'
import { Engine } from '#src/engine/engine.js'
import { leaseNameOf, shardNumberOfKey, shardsOf, slotOf } from '#src/stores/cluster/cluster-names.js'
import { list, readListed } from '#src/stores/cluster/cluster-scripts.js'
import { ClusterStore } from '#src/stores/cluster/cluster-store.js'
import type { Selector } from '#src/stores/store.js'
import { freePorts } from '../support/free-port.js'
import { heldBack } from '../support/held-back.js'
import { ownClusterForTests, type RedisCluster } from '../support/redis.js'
import { LOOPBACK } from '../support/redis-admin.js'
import { describeOnEachClient, type TestedClient } from '../support/redis-clients.js'
import { until } from '../support/until.js'
import { sinceAllAnswered } from './all-answered.js'
import { describeStoreContract } from './store-contract.js'

const DEADLINE_MS = 10_000
const TTL_MS = 60_000

describeOnEachClient('ClusterStore', (kind) => {
  let cluster: RedisCluster
  /** Looks at what lies there. */
  let client: Cluster
  let tested: TestedClient
  const stores: ClusterStore[] = []

  before(async function () {
    cluster = await ownClusterForTests(this)
    client = new Cluster(cluster.nodes.map(({ host, port }) => ({ host, port })))
    await client.ping()
    tested = kind.openCluster(cluster.nodes)
  })
  after(async () => {
    for (const store of stores) await store.close()
    tested?.end()
    await client?.quit()
    await cluster?.stop()
  })

  const storeUnder = (keyPrefix: string) =>
    new ClusterStore({ client: tested.client, keyPrefix, deadlineMs: DEADLINE_MS, ownsClient: false })

  describeStoreContract('ClusterStore', async () => {
    const store = storeUnder(`test-${randomUUID()}:`)
    return {
      store,
      notifiesWaiters: true,
      eventually: until,
      async end() {
        await store.evict([{ kind: 'pattern', pattern: '*' }])
        await store.close()
      },
    }
  })

  describe('what the index does not list', () => {
    let keyPrefix: string
    let store: ClusterStore

    beforeEach(() => {
      keyPrefix = `test-${randomUUID()}:`
      store = storeUnder(keyPrefix)
    })
    afterEach(async () => {
      await store.evict([{ kind: 'pattern', pattern: '*' }])
      await store.close()
    })

    const write = (key: string, text = key) => store.set(key, Buffer.from(text), TTL_MS)
    const textAt = async (key: string) => (await store.get(key))?.value.toString() ?? null
    const leaseOn = async (key: string, graceMs = 0) => {
      const found = await store.lookup(key, { leaseMs: 60_000, graceMs })
      if (found.kind !== 'lease') throw new Error(`no lease but ${found.kind}`)
      return found
    }
    const loseIndex = (key: string) => client.del(shardsOf(keyPrefix)[shardNumberOfKey(key)]?.index as string)

    it('is not served, and removed by the next who loads', async () => {
      await write('user:1', 'old')
      await loseIndex('user:1')
      expect(await store.evict([{ kind: 'pattern', pattern: 'user:*' }])).to.equal(0)
      expect(await textAt('user:1')).to.equal(null)
      expect((await leaseOn('user:1')).stale).to.equal(null)
      expect(await client.exists(`${keyPrefix}user:1`)).to.equal(0)
    })

    it('is not kept as stale either, by one who has seen it listed just before', async () => {
      await write('user:1', 'old')
      const slow = holdingBack(list)
      await slow.store.get('user:1')
      const looking = slow.store.lookup('user:1', { leaseMs: 60_000, graceMs: 2 * TTL_MS })
      await slow.asked
      await loseIndex('user:1')
      await store.evict([{ kind: 'pattern', pattern: 'user:*' }])
      slow.open()
      expect(await looking).to.include({ kind: 'lease', stale: null })
      expect(await client.exists(`${keyPrefix}user:1`)).to.equal(0)
    })

    it('does not come back when others enter a new index', async () => {
      await write('user:1', 'old')
      await loseIndex('user:1')
      await write('user:2')
      expect(await textAt('user:1')).to.equal(null)
    })

    it('is not served when it is stored late, with a lease that an eviction could not find', async () => {
      const { lease } = await leaseOn('user:1')
      await loseIndex('user:1')
      await store.evict([{ kind: 'pattern', pattern: 'user:*' }])
      await store.fill('user:1', lease, Buffer.from('old'), TTL_MS)
      expect(await textAt('user:1')).to.equal(null)
      const late = await leaseOn('user:1')
      expect(await store.fill('user:1', late.lease, Buffer.from('new'), TTL_MS)).to.equal(true)
      expect(await textAt('user:1')).to.equal('new')
    })

    it('is not taken for listed by one who read it before it was removed and asked the index afterwards', async () => {
      await write('user:1', 'old')
      await store.get('user:1')
      await loseIndex('user:1')
      await store.evict([{ kind: 'key', key: 'user:2' }])
      await client.set(`${keyPrefix}user:1`, 'old', 'PX', TTL_MS)
      const slow = holdingBack(readListed, 2)
      await slow.store.get('user:9')
      const reading = slow.store.get('user:1')
      await slow.asked
      // The value has been read. Now another reader removes it and enters the key in a new index.
      const { lease } = await leaseOn('user:1')
      slow.open()
      expect(await reading).to.equal(null)
      await store.release('user:1', lease)
    })

    const holdingBack = (script: ScriptCommand, nth = 1) => {
      const held = heldBack(tested.client, script, nth)
      const store = new ClusterStore({
        ...{ client: held.client, keyPrefix },
        ...{ deadlineMs: DEADLINE_MS, ownsClient: false },
      })
      stores.push(store)
      return { store, asked: held.asked, open: held.open }
    }
  })

  describe('while its servers answer nothing', () => {
    let keyPrefix: string
    let writer: ClusterStore
    let reader: ClusterStore

    beforeEach(async () => {
      keyPrefix = `test-${randomUUID()}:`
      writer = storeUnder(keyPrefix)
      const ofAnother = kind.openCluster(cluster.nodes)
      reader = new ClusterStore({
        client: ofAnother.client,
        keyPrefix,
        deadlineMs: DEADLINE_MS,
        ownsClient: true,
      })
      stores.push(writer, reader)
      await until('the other client to be connected', () => reader.isAvailable())
      for (const key of ['user:1', 'user:2', 'task:1']) await writer.set(key, Buffer.from('old'), TTL_MS)
      expect(await reader.get('user:1')).not.to.equal(null)
    })
    const texts = async (store: ClusterStore, ...keys: string[]) =>
      (await Promise.all(keys.map((key) => store.get(key)))).map((found) => found && String(found.value))

    it('evicts what was posted ahead of what another asks later', async () => {
      await cluster.pause(500)
      await writer.post([{ kind: 'key', key: 'user:1' }])
      expect(await texts(reader, 'user:1', 'user:2', 'task:1')).to.deep.equal([null, 'old', 'old'])
    })

    it('evicts everything where so many are posted that one after the other would take too long', async () => {
      // Longer than it takes to post so many on a busy machine.
      await cluster.pause(3_000)
      for (let posted = 0; posted < 11; posted += 1) {
        await writer.post(
          Array.from({ length: 100 }, (_, nth) => ({ kind: 'key', key: `item:${posted}-${nth}` })),
        )
      }
      // What lies so far behind in a socket may come after what others ask; see decision 27.
      expect(await texts(writer, 'user:1', 'task:1')).to.deep.equal([null, null])
    })
  })

  it('keeps value and lease of a key in one slot, both under the prefix, whatever braces the key has', () => {
    const keys = [
      'user:1',
      '{user:1}:x',
      'x{}y',
      'x{}y{z}',
      'a}b',
      '}x{',
      '{',
      '{}',
      '}{',
      'a{b}c{d}',
      '{{a}}',
    ]
    for (const prefix of ['', 'crm:']) {
      const leases = new Set<string>()
      for (const key of [...keys, ...keys.map((key) => `${key}x`)]) {
        const lease = leaseNameOf(prefix, key)
        expect(slotOf(lease), key).to.equal(slotOf(prefix + key))
        expect(lease).to.match(new RegExp(`^${prefix}#lease:`))
        leases.add(lease)
      }
      expect(leases.size).to.equal(2 * keys.length)
    }
  })

  const ofValue = (prefix: string) => slotOf(`${prefix}user:1`)
  const ofIndex = (prefix: string) => slotOf(shardsOf(prefix)[shardNumberOfKey('user:1')]?.index ?? '')
  const byPattern: Selector = { kind: 'pattern', pattern: 'user:*' }
  const byTag: Selector = { kind: 'tag', tag: 'row:1' }
  for (const [what, slotUnder, selector] of [
    ['the slot of a value', ofValue, byPattern],
    ['the slot of a value with tags', ofValue, byTag],
    ['the slot of the index', ofIndex, byPattern],
    ['the slot of the index with tags', ofIndex, byTag],
  ] as const) {
    it(`loses nothing while ${what} moves to another master`, async () => {
      const keyPrefix = `test-${randomUUID()}:`
      const events: CacheEvent[] = []
      const engine = engineUnder(keyPrefix, (event) => events.push(event))
      const other = engineUnder(keyPrefix)
      let row = 1
      const read = async (by: Engine) => {
        const reading = await by.read('user:1', { graceMs: 0, staleWhileRevalidateMs: 0 })
        if (reading.kind === 'pass-through') return row
        if (reading.kind !== 'load') return Number(reading.value)
        const loaded = row
        await reading.load.complete(Buffer.from(String(loaded)), TTL_MS, ['row:1'])
        return loaded
      }
      const write = async () => {
        row += 1
        await engine.evict([selector])
      }
      await read(engine)
      await cluster.moveSlot(slotUnder(keyPrefix), {
        whileMoving: async () => {
          await write()
          expect(await read(engine)).to.equal(row)
          if (events.at(-1)?.type === 'evict') expect(await read(other)).to.equal(row)
        },
      })
      await until('this process to use the cache again', async () => {
        await read(engine)
        return events.at(-1)?.type === 'fill'
      })
      for (const by of [engine, other]) expect(await read(by)).to.equal(row)
      await write()
      for (const by of [engine, other]) expect(await read(by)).to.equal(row)
    })
  }

  it('is ready once the client is connected, where servers that it asks first are away', async () => {
    const away = (await freePorts(12)).map((port) => ({ host: LOOPBACK, port }))
    const { client, end } = kind.openCluster([...away, ...cluster.nodes.slice(0, 1)])
    const store = new ClusterStore({
      client,
      keyPrefix: '',
      deadlineMs: DEADLINE_MS,
      ownsClient: false,
    })
    try {
      await store.ready()
      expect(store.isAvailable()).to.equal(true)
    } finally {
      await store.close()
      end()
    }
  })

  it('works on when a master dies and its replica takes over', async function () {
    this.timeout(60_000)
    const keyPrefix = `test-${randomUUID()}:`
    const open = () =>
      new ClusterStore({ client: tested.client, keyPrefix, deadlineMs: 500, ownsClient: false })
    const store = open()
    await store.ready()
    await sinceAllAnswered(store, 0)
    // In the slot of what is known of the processes.
    const key = 'user:{0}'
    const works = (operation: Promise<unknown>) =>
      operation.then(
        () => true,
        () => false,
      )
    const write = () => works(store.set(key, Buffer.from('new'), TTL_MS))
    expect(await write()).to.equal(true)
    await cluster.killMaster(slotOf(`${keyPrefix}${key}`))
    await until('the replica to be written to', write)
    expect((await store.get(key))?.value.toString()).to.equal('new')
    await until('an eviction', () => works(store.evict([{ kind: 'pattern', pattern: '*' }])))
    expect(await store.get(key)).to.equal(null)

    // The replica need not have heard of all processes, and these may have evictions that they could not deliver.
    const beganAt = Date.now()
    const newcomer = open()
    expect(await sinceAllAnswered(newcomer, beganAt)).to.be.at.least(2_000)
    await Promise.all([store.close(), newcomer.close()])
  })

  function engineUnder(keyPrefix: string, emit: (event: CacheEvent) => void = () => {}): Engine {
    const store = new ClusterStore({
      client: tested.client,
      keyPrefix,
      deadlineMs: 300,
      ownsClient: false,
    })
    stores.push(store)
    return new Engine(store, 30_000, emit)
  }
})
