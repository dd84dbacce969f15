import { expect } from 'chai'
import { cacheGet, cacheSet, disconnectRedis, initRedis } from 'express-cacheable/redis'
import type { Redis } from 'ioredis'
import { DEFAULT_CONFIG } from '#demo/config.js'
import { type Answer, answerOf } from '../support/answer-of.js'
import { untilStored } from '../support/demo-under-test.js'
import { onEachDemo } from '../support/on-each-demo.js'

/** The guide's keys, its TTLs, and the routes that answer them. */
interface CachedRoute {
  readonly key: string
  readonly ttl: number
  readonly path: string
  readonly as: Person
}

interface Write {
  readonly name: string
  readonly method: 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly as?: Person
  readonly body?: object
  readonly status: number
  /** The keys of the service that writes: they are gone when it answers. */
  readonly removes: readonly string[]
  /** The keys of whoever hears of it. All others stay. */
  readonly removesByEvent?: readonly string[]
}

type Person = 'admin' | 'rep1' | 'rep2'

const BOOKKEEPING = /[#{]/

onEachDemo('the demo walks the keys of the guide', (demo) => {
  let ids: Record<Person, number>
  let tokens: Record<Person, string>
  let routes: readonly CachedRoute[]
  /** Of rep1's request, for rep2 to decide. */
  let approvals: readonly number[]
  let rows: {
    customer: number
    task: number
    opportunity: number
    notification: number
    spare: number
    leaver: number
  }

  before(async function () {
    this.timeout(60_000)
    const people = await Promise.all((['admin', 'rep1', 'rep2'] as const).map(signIn))
    ids = Object.fromEntries(people.map(({ person, user }) => [person, user.id])) as Record<Person, number>
    tokens = Object.fromEntries(people.map(({ person, token }) => [person, token])) as Record<Person, string>
    rows = await findRows()
    approvals = await requestApprovals()
    routes = cachedRoutes()
    await demo().settle()
    await demo().cache.deletePattern('*')
  })

  it('answers each of the 13 kinds of data as a miss, then as a hit with the same bytes, under the exact key', async () => {
    expect(new Set(routes.map(({ key }) => kindOf(key))).size).to.equal(13)
    let before = await keysInStore()
    expect(before).to.deep.equal([])
    for (const route of routes) {
      const askedAt = performance.now()
      const miss = await read(route)
      await untilStored(demo(), route.key)
      const hit = await read(route)
      expect([miss.status, miss.xCache], route.key).to.deep.equal([200, 'MISS'])
      expect([hit.status, hit.xCache], route.key).to.deep.equal([200, 'HIT'])
      expect(hit.headers.get('content-type')).to.equal(miss.headers.get('content-type'))
      expect(hit.headers.get('etag')).to.equal(miss.headers.get('etag'))
      if (route.key.startsWith('analytics:')) {
        expect(miss.text).to.match(/,"cached":false\}$/)
        expect(hit.text).to.equal(miss.text.replace(/false\}$/, 'true}'))
      } else {
        expect(hit.body.equals(miss.body), route.key).to.equal(true)
      }
      expect(await demo().cache.get(route.key)).to.deep.equal(withoutMark(route, miss))
      await expectPlainText(route, miss, askedAt)
      // Each by itself: on a busy machine the first may have expired before the last is asked for.
      const after = await keysInStore()
      expect(after.filter((key) => !before.includes(key))).to.deep.equal([route.key])
      before = after
    }
  })

  it('does not store what is not found', async () => {
    for (const xCache of ['MISS', 'MISS']) {
      const answer = await send({ method: 'GET', path: '/api/customers/999999' })
      expect([answer.status, answer.xCache]).to.deep.equal([404, xCache])
    }
    expect(await demo().cache.get('customer:999999')).to.equal(null)
  })

  it('answers a value that a script has stored, and a script reads what a route has stored', async () => {
    await initRedis(demo().cache)
    const key = `customer:${rows.customer}`
    const put = { id: rows.customer, name: 'from a script' }
    expect(await cacheSet(key, put, 600)).to.equal(true)
    const hit = await send({ method: 'GET', path: `/api/customers/${rows.customer}` })
    expect([hit.xCache, hit.text]).to.deep.equal(['HIT', JSON.stringify(put)])
    await demo().cache.delete(key)
    const miss = await send({ method: 'GET', path: `/api/customers/${rows.customer}` })
    expect(miss.xCache).to.equal('MISS')
    await untilStored(demo(), key)
    expect(await cacheGet(key)).to.deep.equal(JSON.parse(miss.text))
    await disconnectRedis()
  })

  it('removes on each write exactly the keys whose answers change, and serves nothing old afterwards', async function () {
    this.timeout(120_000)
    for (const write of writes()) {
      const { name, removes, removesByEvent = [] } = write
      const before = await fill()
      const answer = await send(write)
      expect(answer.status, `${name}: ${answer.text}`).to.equal(write.status)
      const atOnce = await keysInStore()
      expect(
        removes.filter((key) => atOnce.includes(key)),
        `at once after ${name}`,
      ).to.deep.equal([])
      await demo().settle()
      const left = new Set(await keysInStore())
      const removed = before.filter((key) => !left.has(key))
      expect(removed, name).to.deep.equal([...removes, ...removesByEvent].sort())

      const served = (await Promise.all(routes.map(read))).map(comparable)
      await demo().cache.deletePattern('*')
      const loaded = (await Promise.all(routes.map(read))).map(comparable)
      for (const [index, { key }] of routes.entries()) {
        expect(served[index], `${key} after ${name}`).to.equal(loaded[index])
      }
    }
  })

  function cachedRoutes(): CachedRoute[] {
    const { admin, rep1, rep2 } = ids
    const dates = 'startDate=2020-01-01&endDate=2030-12-31'
    const route = (key: string, ttl: number, path: string, as: Person): CachedRoute => ({
      key,
      ttl,
      path,
      as,
    })
    return [
      route(`user:${rep1}`, 300, `/api/users/${rep1}`, 'rep1'),
      route(`user:${rep2}`, 300, `/api/users/${rep2}`, 'admin'),
      route('users:list:1', 60, '/api/users', 'admin'),
      route(`customer:${rows.customer}`, 600, `/api/customers/${rows.customer}`, 'rep1'),
      route('customer:1', 600, '/api/customers/1', 'rep1'),
      route(`customer:${rows.spare}`, 600, `/api/customers/${rows.spare}`, 'rep1'),
      route('customers:list:1:10:all', 120, '/api/customers', 'rep1'),
      route('customers:list:2:5:energy', 120, '/api/customers?page=2&limit=5&industry=energy', 'rep2'),
      route('customers:count', 300, '/api/customers/count', 'rep1'),
      route(`tasks:user:${rep1}:status:PENDING`, 60, '/api/tasks?status=PENDING', 'rep1'),
      route(`tasks:user:${rep1}:status:COMPLETED`, 60, '/api/tasks?status=COMPLETED', 'rep1'),
      route(`tasks:user:${rep1}:status:all`, 60, '/api/tasks', 'rep1'),
      route(`tasks:user:${rep2}:status:PENDING`, 60, '/api/tasks?status=PENDING', 'rep2'),
      route(`meetings:user:${rep1}:upcoming`, 120, '/api/meetings/upcoming', 'rep1'),
      route(`meetings:user:${rep2}:upcoming`, 120, '/api/meetings/upcoming', 'rep2'),
      route('tasks:overdue', 60, '/api/tasks/overdue', 'rep1'),
      route(`approvals:user:${rep1}:pending`, 30, '/api/approvals/pending', 'rep1'),
      route(`approvals:user:${rep2}:pending`, 30, '/api/approvals/pending', 'rep2'),
      route(`approvals:history:${approvals[0]}`, 600, `/api/approvals/${approvals[0]}/history`, 'rep1'),
      route(`approvals:history:${approvals[1]}`, 600, `/api/approvals/${approvals[1]}/history`, 'rep2'),
      route(`analytics:dashboard:${admin}`, 180, '/api/analytics/dashboard', 'admin'),
      route(`analytics:dashboard:${rep1}`, 180, '/api/analytics/dashboard', 'rep1'),
      route(`analytics:dashboard:${rep2}`, 180, '/api/analytics/dashboard', 'rep2'),
      route('reports:sales:2020-01-01:2030-12-31', 3600, `/api/reports/sales?${dates}`, 'rep1'),
      route('reports:customers:2020-01-01:2030-12-31', 3600, `/api/reports/customers?${dates}`, 'rep1'),
      route('reports:activities:2020-01-01:2030-12-31', 3600, `/api/reports/activities?${dates}`, 'rep1'),
      route(`notifications:user:${rep1}:unread`, 30, '/api/notifications/unread', 'rep1'),
      route(`notifications:user:${rep2}:unread`, 30, '/api/notifications/unread', 'rep2'),
    ]
  }

  function writes(): Write[] {
    const { rep1, rep2 } = ids
    const keysLike = (...starts: string[]) =>
      routes.map(({ key }) => key).filter((key) => starts.some((start) => key.startsWith(start)))
    const customerLists = keysLike('customers:')
    const dashboards = keysLike('analytics:')
    const [customersReport, activitiesReport, salesReport] = ['customers', 'activities', 'sales'].map(
      (type) => `reports:${type}:2020-01-01:2030-12-31`,
    ) as [string, string, string]
    const customer = { name: 'New', email: 'new@customer.example', industry: 'energy' }
    const dueDate = new Date(Date.now() + 86_400_000).toISOString()
    return [
      {
        name: 'a registration, which makes a customer by event',
        method: 'POST',
        path: '/api/auth/register',
        body: { email: 'fresh@crm.example', name: 'Fresh', password: 'long-enough-1' },
        status: 201,
        removes: ['users:list:1'],
        removesByEvent: [...customerLists, ...dashboards, customersReport],
      },
      {
        name: 'a user is updated',
        method: 'PUT',
        path: `/api/users/${rep1}`,
        body: { name: 'Renamed' },
        status: 200,
        removes: [`user:${rep1}`, 'users:list:1'],
      },
      {
        name: 'a customer is created',
        method: 'POST',
        path: '/api/customers',
        body: customer,
        status: 201,
        removes: customerLists,
        removesByEvent: [...dashboards, customersReport],
      },
      {
        name: 'a customer is updated',
        method: 'PUT',
        path: `/api/customers/${rows.customer}`,
        body: { name: 'Renamed', industry: 'energy' },
        status: 200,
        removes: [`customer:${rows.customer}`, ...customerLists],
        removesByEvent: [customersReport],
      },
      {
        name: 'a customer is deleted',
        method: 'DELETE',
        path: `/api/customers/${rows.spare}`,
        status: 204,
        removes: [`customer:${rows.spare}`, ...customerLists],
        removesByEvent: [...dashboards, customersReport],
      },
      {
        name: 'a user is deleted, whose customer stays',
        method: 'DELETE',
        path: `/api/users/${rows.leaver}`,
        status: 204,
        removes: ['users:list:1'],
        removesByEvent: [...keysLike('customers:list:'), 'tasks:overdue', activitiesReport],
      },
      {
        name: 'a task is created',
        method: 'POST',
        path: '/api/tasks',
        as: 'rep1',
        body: { title: 'Call', dueDate },
        status: 201,
        removes: [`tasks:user:${rep1}:status:PENDING`, `tasks:user:${rep1}:status:all`, 'tasks:overdue'],
        removesByEvent: [`analytics:dashboard:${rep1}`, activitiesReport],
      },
      {
        name: 'a task goes to somebody else',
        method: 'PUT',
        path: `/api/tasks/${rows.task}`,
        body: { userId: rep2 },
        status: 200,
        removes: [`tasks:user:${rep2}:status:PENDING`, 'tasks:overdue'],
        removesByEvent: [
          ...keysLike(`tasks:user:${rep1}:`),
          `analytics:dashboard:${rep1}`,
          `analytics:dashboard:${rep2}`,
          activitiesReport,
        ],
      },
      {
        name: 'a task is completed by an admin',
        method: 'POST',
        path: `/api/tasks/${rows.task}/complete`,
        status: 200,
        removes: [`tasks:user:${rep2}:status:PENDING`, 'tasks:overdue'],
        removesByEvent: [`analytics:dashboard:${rep2}`, activitiesReport],
      },
      {
        name: 'a meeting is scheduled',
        method: 'POST',
        path: '/api/meetings',
        as: 'rep1',
        body: { title: 'Review', scheduledAt: dueDate },
        status: 201,
        removes: [`meetings:user:${rep1}:upcoming`],
        removesByEvent: [`analytics:dashboard:${rep1}`, activitiesReport],
      },
      {
        name: 'an approval is requested',
        method: 'POST',
        path: '/api/approvals',
        as: 'rep1',
        body: { opportunityId: rows.opportunity, approverId: rep2 },
        status: 201,
        removes: [`approvals:user:${rep2}:pending`],
        removesByEvent: [`analytics:dashboard:${rep2}`, `notifications:user:${rep2}:unread`],
      },
      {
        name: 'an approval is granted',
        method: 'POST',
        path: `/api/approvals/${approvals[0]}/approve`,
        as: 'rep2',
        status: 200,
        removes: [`approvals:user:${rep2}:pending`, `approvals:history:${approvals[0]}`],
        removesByEvent: [`analytics:dashboard:${rep2}`, `notifications:user:${rep1}:unread`, salesReport],
      },
      {
        name: 'an approval is refused',
        method: 'POST',
        path: `/api/approvals/${approvals[1]}/reject`,
        as: 'rep2',
        status: 200,
        removes: [`approvals:user:${rep2}:pending`, `approvals:history:${approvals[1]}`],
        removesByEvent: [`analytics:dashboard:${rep2}`, `notifications:user:${rep1}:unread`, salesReport],
      },
      {
        name: 'an opportunity is created',
        method: 'POST',
        path: '/api/opportunities',
        as: 'rep1',
        body: { title: 'Deal', amount: 1234.5, customerId: 1, stage: 'NEW' },
        status: 201,
        removes: [],
        removesByEvent: [...dashboards, salesReport],
      },
      {
        name: 'an opportunity is updated',
        method: 'PUT',
        path: `/api/opportunities/${rows.opportunity}`,
        as: 'rep1',
        body: { amount: 99 },
        status: 200,
        removes: [],
        removesByEvent: [...dashboards, salesReport],
      },
      {
        name: 'a notification is read',
        method: 'POST',
        path: `/api/notifications/${rows.notification}/read`,
        as: 'rep1',
        status: 200,
        removes: [`notifications:user:${rep1}:unread`],
      },
      {
        name: 'a bad customer is refused',
        method: 'POST',
        path: '/api/customers',
        body: { name: 'No address' },
        status: 400,
        removes: [],
      },
      {
        name: 'an unknown customer is updated',
        method: 'PUT',
        path: '/api/customers/999999',
        body: { name: 'Nobody' },
        status: 404,
        removes: [],
      },
    ]
  }

  async function signIn(person: Person) {
    const answer = await answerOf(`${demo().url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: `${person}@crm.example`, password: DEFAULT_CONFIG.password }),
    })
    expect(answer.status, answer.text).to.equal(200)
    const { token, user } = JSON.parse(answer.text) as { token: string; user: { id: number } }
    return { person, token, user }
  }

  async function findRows(): Promise<typeof rows> {
    const { prisma } = demo()
    const of = <Row extends { id: number }>(row: Row | null): number => row?.id ?? Number.NaN
    return {
      customer: of(await prisma.customer.findFirst({ orderBy: { id: 'desc' } })),
      task: of(await prisma.task.findFirst({ where: { userId: ids.rep1, status: 'PENDING' } })),
      opportunity: of(await prisma.opportunity.findFirst({ orderBy: { id: 'desc' } })),
      notification: of(await prisma.notification.findFirst({ where: { userId: ids.rep1, readAt: null } })),
      spare: await created('/api/customers', {
        name: 'Spare',
        email: 'spare@customer.example',
        industry: 'retail',
      }),
      leaver: await created('/api/auth/register', {
        email: 'soon-gone@crm.example',
        name: 'Leaver',
        password: 'long-enough-1',
      }),
    }
  }

  async function created(path: string, body: object, as: Person = 'admin'): Promise<number> {
    const answer = await send({ method: 'POST', path, as, body })
    expect(answer.status, answer.text).to.equal(201)
    const made = JSON.parse(answer.text) as { id: number; user?: { id: number } }
    return made.user?.id ?? made.id
  }

  async function requestApprovals(): Promise<number[]> {
    const bodyFor = (opportunityId: number) => ({ opportunityId, approverId: ids.rep2 })
    return [
      await created('/api/approvals', bodyFor(rows.opportunity), 'rep1'),
      await created('/api/approvals', bodyFor(rows.opportunity - 1), 'rep1'),
    ]
  }

  function send({
    method,
    path,
    as = 'admin',
    body,
  }: {
    method: string
    path: string
    as?: Person
    body?: object
  }) {
    const headers = { authorization: `Bearer ${tokens[as]}`, 'content-type': 'application/json' }
    return answerOf(demo().url + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) })
  }

  function read({ path, as }: CachedRoute): Promise<Answer> {
    return send({ method: 'GET', path, as })
  }

  /** Has every answer that there is stored. @returns The keys. */
  async function fill(): Promise<string[]> {
    const answers = await Promise.all(routes.map(read))
    const keys = routes.filter((_, index) => answers[index]?.status === 200).map(({ key }) => key)
    await Promise.all(keys.map((key) => untilStored(demo(), key)))
    return keys.sort()
  }

  /** What a person with redis-cli sees. */
  async function expectPlainText({ key, ttl }: CachedRoute, miss: Answer, askedAt: number): Promise<void> {
    const redis = demo().cache.redis as Redis | null
    if (!redis) return
    expect(await redis.get(key), key).to.equal(miss.text.replace(/,"cached":false\}$/, '}'))
    const remaining = await redis.ttl(key)
    // Redis rounds to seconds.
    const atLeast = ttl - (performance.now() - askedAt) / 1_000 - 0.5
    expect(remaining, key).to.be.within(atLeast, ttl)
  }

  /** The keys of values, without the cache's own bookkeeping. */
  /** What is served; a value that the cache no longer knows lies in Redis until its TTL, from suites before this one. */
  async function keysInStore(): Promise<string[]> {
    const { cache } = demo()
    const redis = cache.redis as Redis | null
    const there = redis
      ? (await redis.keys('*')).filter((key) => !BOOKKEEPING.test(key))
      : routes.map(({ key }) => key)
    const values = await cache.getMany(there)
    return there.filter((_key, index) => values[index] !== null).sort()
  }
})

function withoutMark({ key }: CachedRoute, { text }: Answer): unknown {
  const { cached: _cached, ...rest } = JSON.parse(text) as { cached?: boolean }
  return key.startsWith('analytics:') ? rest : JSON.parse(text)
}

/** An answer without what says when it was made, and whether it came from the cache. */
function comparable({ text }: Answer): string {
  return text.replace(/,?"(generatedAt":"[^"]+"|cached":(true|false))/g, '')
}

/** `tasks:user:2:status:all` and `tasks:user:3:status:PENDING` are one kind of data. */
function kindOf(key: string): string {
  if (key.startsWith('reports:')) return 'reports'
  if (key.startsWith('customers:list:')) return 'customers:list'
  if (key.startsWith('tasks:user:')) return 'tasks:user'
  return key.replace(/\d+/g, '{n}')
}
