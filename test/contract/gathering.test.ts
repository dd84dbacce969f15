import { randomUUID } from 'node:crypto'
import type { Clock } from '@sinonjs/fake-timers'
import { expect } from 'chai'
import { Cluster, Redis } from 'ioredis'
import { Engine } from '#src/engine/engine.js'
import { ask, askStore, gather, gatherReports, startLooking } from '#src/monitoring/gathering.js'
import { Monitoring } from '#src/monitoring/monitoring.js'
import { ClusterNames } from '#src/stores/cluster/cluster-names.js'
import { ClusterStore } from '#src/stores/cluster/cluster-store.js'
import { MemoryStore } from '#src/stores/memory/memory-store.js'
import type { GatheringNames } from '#src/stores/redis/redis-gathering.js'
import { RedisNames } from '#src/stores/redis/redis-names.js'
import { RedisStore } from '#src/stores/redis/redis-store.js'
import type { Store } from '#src/stores/store.js'
import { install } from '../support/fake-time.js'
import { processReport } from '../support/process-report.js'
import { ownClusterForTests, redisForTests } from '../support/redis.js'
import { clientKind, type TestedClient } from '../support/redis-clients.js'
import { until } from '../support/until.js'

const HEARTBEAT_MS = 1_000
const STORE = { deadlineMs: 10_000, ownsClient: false } as const

/** Where the stores of a suite are. */
interface Site {
  readonly admin: Redis | Cluster
  readonly tested: TestedClient
  open(keyPrefix: string): Store
  names(keyPrefix: string): GatheringNames
  stop(): Promise<void>
}

async function oneRedis(context: Mocha.Context): Promise<Site> {
  const url = await redisForTests(context)
  const tested = clientKind('ioredis-6').open(url)
  return {
    admin: new Redis(url),
    tested,
    open: (keyPrefix) => new RedisStore({ ...STORE, client: tested.client, keyPrefix }),
    names: (keyPrefix) => new RedisNames(keyPrefix),
    stop: async () => {},
  }
}

async function oneCluster(context: Mocha.Context): Promise<Site> {
  const cluster = await ownClusterForTests(context)
  const tested = clientKind('node-redis-6').openCluster(cluster.nodes)
  return {
    admin: new Cluster(cluster.nodes.map(({ host, port }) => ({ host, port }))),
    tested,
    open: (keyPrefix) => new ClusterStore({ ...STORE, client: tested.client, keyPrefix }),
    names: (keyPrefix) => new ClusterNames(keyPrefix),
    stop: () => cluster.stop(),
  }
}

/** A process of an application, as far as others hear of it. */
class Process {
  readonly store: Store
  readonly engine: Engine
  readonly monitoring: Monitoring
  heartbeats = 0

  constructor(name: string, store: Store) {
    const heartbeat = store.heartbeat.bind(store)
    store.heartbeat = async (request) => {
      const said = await heartbeat(request)
      this.heartbeats += 1
      return said
    }
    this.store = store
    this.engine = new Engine(store, 30_000, () => {})
    this.monitoring = new Monitoring(this.engine)
    this.monitoring.onReport(() => processReport(name))
    this.monitoring.onQuestion(({ kind, value }) => {
      if (kind === 'fails') throw new Error('a mistake')
      return kind === 'echo' ? { name, value } : null
    })
  }

  async close(): Promise<void> {
    this.monitoring.close()
    await this.engine.close()
    await this.store.close()
  }
}

const namesOf = (reports: readonly { readonly id: string }[]) => reports.map(({ id }) => id)

for (const [where, start] of [
  ['a Redis', oneRedis],
  ['a Redis Cluster', oneCluster],
] as const) {
  describe(`processes that share ${where}`, () => {
    let site: Site
    let clock: Clock
    let names: GatheringNames
    let processes: [Process, Process, Process]
    /** Of one that is no process of the application. */
    let alone: Store

    before(async function () {
      site = await start(this)
      await until('a connection', () => site.tested.isReady())
    })
    after(async () => {
      site?.tested.end()
      site?.admin.disconnect()
      await site?.stop()
    })
    beforeEach(async () => {
      clock = install({ toFake: ['setInterval', 'clearInterval'] })
      const keyPrefix = `test-${randomUUID()}:`
      names = site.names(keyPrefix)
      const open = (name: string) => new Process(name, site.open(keyPrefix))
      processes = [open('a'), open('b'), open('c')]
      alone = site.open(keyPrefix)
      for (const { engine } of processes) await engine.ready()
    })
    afterEach(async () => {
      for (const each of processes) await each.close()
      await alone.close()
      clock.uninstall()
    })

    /** Lets each process send a heartbeat, and hear what comes of it. */
    const beat = async () => {
      const before = processes.map(({ heartbeats }) => heartbeats)
      clock.tick(HEARTBEAT_MS)
      const haveAll = () => processes.every(({ heartbeats }, nth) => heartbeats > (before[nth] ?? 0))
      await until('the heartbeats', haveAll, { everyMs: 5 })
    }
    const ids = () => site.admin.zrange(names.members, '0', '-1')
    const reported = async () => {
      const all = await ids()
      return (await Promise.all(all.map((id) => site.admin.exists(names.report(id))))).filter(Boolean).length
    }
    /** As somebody who looks at one of them. */
    const lookedAt = async () => {
      const [one] = processes
      await startLooking(one)
      await beat()
      await until('all reports', async () => (await gatherReports(one)).length === 3, { everyMs: 5 })
      return one
    }

    it('write nothing while nobody looks', async () => {
      for (let turn = 0; turn < 3; turn += 1) await beat()
      expect(await reported()).to.equal(0)
      expect(await site.admin.exists(names.watch, names.questions)).to.equal(0)
      expect(processes.map(({ monitoring }) => monitoring.isWatched)).to.deep.equal([false, false, false])
    })

    it('are gathered while somebody does, that one first, and everything expires', async () => {
      const [, one] = processes
      expect(namesOf(await gatherReports(one))).to.deep.equal(['b'])
      await beat()
      await until('all reports', async () => (await reported()) === 3, { everyMs: 5 })
      expect(await gatherReports(one)).to.deep.equal(['b', 'a', 'c'].map((id) => processReport(id)))
      expect(processes.map(({ monitoring }) => monitoring.isWatched)).to.deep.equal([true, true, true])
      expect(await site.admin.pttl(names.watch)).to.be.within(1, 5_000)
      for (const id of await ids()) expect(await site.admin.pttl(names.report(id))).to.be.within(1, 4_000)
    })

    it('end that as soon as nobody looks any more', async () => {
      await lookedAt()
      await site.admin.del(names.watch, ...(await ids()).map((id) => names.report(id)))
      await beat()
      await beat()
      expect(await reported()).to.equal(0)
    })

    it('are gathered by the store alone, and one who looks is none of them', async () => {
      const gathering = gather(alone, { withinMs: 10_000 })
      await until('a look', async () => (await site.admin.exists(names.watch)) === 1, { everyMs: 5 })
      await beat()
      expect(namesOf(await gathering)).to.deep.equal(['a', 'b', 'c'])
      expect(await ids()).to.have.lengthOf(3)
      expect(await alone.gathering?.look()).to.have.members(await ids())
      // None waits for itself.
      expect(await processes[0].store.gathering?.look()).to.have.lengthOf(2)
    })

    it('are missing once they have left, or have said nothing for some seconds', async () => {
      const one = await lookedAt()
      await processes[1].close()
      expect(namesOf(await gatherReports(one))).to.deep.equal(['a', 'c'])
      for (const id of await ids()) await site.admin.pexpire(names.report(id), 1)
      await until('the end of a report', async () => (await gatherReports(one)).length === 1, { everyMs: 5 })
      expect(namesOf(await gatherReports(one))).to.deep.equal(['a'])
    })

    const isEcho = (value: unknown): value is { name: string; value: string } =>
      typeof value === 'object' && value !== null && 'name' in value && 'value' in value
    const whileAsking = async <T>(asking: Promise<T>): Promise<T> => {
      let isAnswered = false
      asking.finally(() => {
        isAnswered = true
      })
      // The question may come behind a heartbeat.
      while (!isAnswered) await beat()
      return asking
    }

    it('all answer what somebody asks, that one first', async () => {
      const one = await lookedAt()
      const answers = await whileAsking(ask(one, { kind: 'echo', value: 'größe' }, isEcho))
      expect(answers[0]).to.deep.equal({ name: 'a', value: 'größe' })
      expect(answers).to.have.deep.members(['a', 'b', 'c'].map((name) => ({ name, value: 'größe' })))
      expect(await site.admin.pttl(names.questions)).to.be.within(1, 4_000)
      const ofAlone = await whileAsking(askStore(alone, { kind: 'echo', value: 2 }, isEcho))
      expect(ofAlone.map(({ name }) => name)).to.have.members(['a', 'b', 'c'])
    })

    it('are not waited for where they have no answer', async () => {
      const one = await lookedAt()
      expect(await whileAsking(ask(one, { kind: 'fails' }, isEcho))).to.deep.equal([])
      expect(await whileAsking(ask(one, { kind: 'unknown' }, isEcho))).to.deep.equal([])
    })

    it('take no more questions than some, and go on', async () => {
      const one = await lookedAt()
      for (let nth = 0; nth < 16; nth += 1) {
        expect(await alone.gathering?.ask({ id: `q${nth}`, text: '{"kind":"echo"}' })).to.equal(true)
      }
      expect(await ask(one, { kind: 'echo', value: 1 }, isEcho)).to.deep.equal([{ name: 'a', value: 1 }])
    })

    it('go on with garbage under all names', async () => {
      const one = await lookedAt()
      const [first, ...others] = await ids()
      await site.admin.set(names.report(first ?? ''), '{"id":"not ours"}', 'PX', 60_000)
      await site.admin.del(...others.map((id) => names.report(id)))
      for (const id of others) await site.admin.lpush(names.report(id), 'x')
      await site.admin.set(names.questions, 'not ours')
      await site.admin.zadd(names.members, Date.now(), 'nobody')
      expect((await gatherReports(one)).length).to.be.at.most(2)
      await beat()
      await until('all reports', async () => (await gatherReports(one)).length === 3, { everyMs: 5 })

      await site.admin.zrem(names.members, 'nobody')
      const now = Date.now()
      const members = [
        '',
        'x',
        'a b c',
        `${'y'.repeat(90)} {}`,
        'none {"kind":7}',
        '\0\xff',
        `long ${'z'.repeat(50_000)}`,
      ]
      await site.admin.zadd(names.questions, ...members.flatMap((member) => [now, member]))
      const answers = await whileAsking(ask(one, { kind: 'echo', value: 3 }, isEcho))
      expect(answers.map(({ name }) => name)).to.have.members(['a', 'b', 'c'])

      await site.admin.del(names.watch)
      await site.admin.lpush(names.watch, 'x')
      await beat()
      await startLooking(one)
      expect(await site.admin.type(names.watch)).to.equal('string')
    })
  })
}

describe('a process alone with its store', () => {
  it('is gathered, and answers', async () => {
    const only = new Process('a', new MemoryStore())
    expect(namesOf(await gatherReports(only))).to.deep.equal(['a'])
    const isNumber = (value: unknown): value is object => typeof value === 'object' && value !== null
    expect(await ask(only, { kind: 'echo', value: 1 }, isNumber)).to.deep.equal([{ name: 'a', value: 1 }])
    expect(await gather(only.store)).to.deep.equal([])
    await only.close()
  })
})
