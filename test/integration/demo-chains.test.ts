import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import type { Redis } from 'ioredis'
import { DEFAULT_CONFIG } from '#demo/config.js'
import { answerOf } from '../support/answer-of.js'
import { demoInProcesses } from '../support/demo-in-processes.js'
import { type DemoUnderTest, untilStored } from '../support/demo-under-test.js'
import { until } from '../support/until.js'

/** A cached answer. */
interface View {
  readonly key: string
  readonly path: string
  readonly as: Person
}

// biome-ignore lint/suspicious/noExplicitAny: tests read all kinds of JSON.
type Json = any

/** A view that a write changes, and how. */
type Change = readonly [view: View, expectChange: (after: Json, before: Json) => void]

interface Write {
  readonly path: string
  readonly method?: 'POST' | 'PUT'
  readonly as?: Person
  readonly body?: object
}

type Person = 'admin' | 'rep1' | 'rep2'

/** A bound against hanging: how long it takes is printed, and is no part of what a shared machine can promise. */
const GONE_DEADLINE_MS = 15_000
const YEARS = 'startDate=2020-01-01&endDate=2030-12-31'

describe('what follows from a write in six processes, through the gateway', function () {
  this.timeout(4 * GONE_DEADLINE_MS)

  let demo: DemoUnderTest
  let redis: Redis
  const tokens = {} as Record<Person, string>
  const ids = {} as Record<Person, number>

  before(async function () {
    demo = await demoInProcesses(this)
    redis = demo.cache.redis as Redis
    for (const person of ['admin', 'rep1', 'rep2'] as const) {
      const body = { email: `${person}@crm.example`, password: DEFAULT_CONFIG.password }
      const { token, user } = await send({ path: '/api/auth/login', body })
      tokens[person] = token
      ids[person] = user.id
    }
  })

  beforeEach(async () => {
    await demo.settle()
    await demo.cache.deletePattern('*')
  })

  async function send({ path, method = 'POST', as, body }: Write): Promise<Json> {
    const { status, text } = await answerOf(demo.url + path, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(as ? { authorization: `Bearer ${tokens[as]}` } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    expect(status, `${method} ${path}: ${text}`).to.be.oneOf([200, 201])
    return JSON.parse(text)
  }

  async function read({ path, as }: View): Promise<Json> {
    const { status, text } = await answerOf(demo.url + path, {
      headers: { authorization: `Bearer ${tokens[as]}` },
    })
    expect(status, `${path}: ${text}`).to.equal(200)
    return JSON.parse(text)
  }

  /** Has all views stored, writes, sees each key go, and then what the gateway answers. */
  async function follow(write: Write, changes: readonly Change[], stay: readonly View[]): Promise<void> {
    const changed = changes.map(([view]) => view)
    const before = await Promise.all(changed.map(read))
    await Promise.all(stay.map(read))
    for (const { key } of [...changed, ...stay]) await untilStored(demo, key)

    await send(write)
    const answeredAt = performance.now()
    const elapsed = () => `${Math.round(performance.now() - answeredAt)} ms`
    const gone = changed.map(async ({ key }) => {
      const isGone = async () => (await redis.exists(key)) === 0
      await until(`${key} to go`, isGone, { deadlineMs: GONE_DEADLINE_MS, everyMs: 5 })
      return `${key} ${elapsed()}`
    })
    const told = await Promise.all(gone)
    const after = await Promise.all(changed.map(read))
    console.log(`      new answers within ${elapsed()}; keys gone after: ${told.join(', ')}`)

    for (const [index, [{ key }, expectChange]] of changes.entries()) {
      expect(after[index], key).to.not.deep.equal(before[index])
      expectChange(after[index], before[index])
    }
    await demo.settle()
    for (const { key } of stay) expect(await redis.exists(key), key).to.equal(1)
  }

  const view = (key: string, path: string, as: Person): View => ({ key, path, as })
  const dashboard = (as: Person) => view(`analytics:dashboard:${ids[as]}`, '/api/analytics/dashboard', as)
  const report = (type: string) =>
    view(`reports:${type}:2020-01-01:2030-12-31`, `/api/reports/${type}?${YEARS}`, 'rep1')
  const tasks = (as: Person, status: string) =>
    view(`tasks:user:${ids[as]}:status:${status}`, `/api/tasks?status=${status}`, as)
  const pendingApprovals = (as: Person) =>
    view(`approvals:user:${ids[as]}:pending`, '/api/approvals/pending', as)
  const history = (id: number) => view(`approvals:history:${id}`, `/api/approvals/${id}/history`, 'rep1')
  const notifications = (as: Person) =>
    view(`notifications:user:${ids[as]}:unread`, '/api/notifications/unread', as)
  const meetings = (as: Person) => view(`meetings:user:${ids[as]}:upcoming`, '/api/meetings/upcoming', as)
  const customerList = view('customers:list:1:10:all', '/api/customers', 'rep1')
  const customerCount = view('customers:count', '/api/customers/count', 'rep2')
  const userList = view('users:list:1', '/api/users', 'admin')

  /** Expects a figure to have become more, or less. */
  const grown =
    (figure: string, by: number): Change[1] =>
    (after, before) =>
      expect(after[figure], figure).to.equal(before[figure] + by)
  const idsOf = (rows: { id: number }[]) => rows.map(({ id }) => id)

  it('a registration: the customer is in the list and the count, and the dashboards follow', async () => {
    const email = `${randomUUID()}@crm.example`
    const body = { email, name: 'New', password: 'long-enough-1' }
    await follow(
      { path: '/api/auth/register', body },
      [
        [userList, ({ users }) => expect(users[0].email).to.equal(email)],
        [customerList, ({ customers }) => expect(customers[0].email).to.equal(email)],
        [customerCount, grown('count', 1)],
        [dashboard('admin'), grown('totalCustomers', 1)],
        [dashboard('rep1'), grown('totalCustomers', 1)],
        [report('customers'), grown('customers', 1)],
      ],
      [view('customer:1', '/api/customers/1', 'rep1'), meetings('rep1'), report('sales')],
    )
  })

  it('a customer is created: it is in the list and the count, and the dashboards follow', async () => {
    const body = { name: 'Acme', email: `${randomUUID()}@acme.example`, industry: 'energy' }
    await follow(
      { path: '/api/customers', as: 'rep1', body },
      [
        [customerList, ({ customers }) => expect(customers[0]).to.include(body)],
        [customerCount, grown('count', 1)],
        [dashboard('admin'), grown('totalCustomers', 1)],
        [report('customers'), grown('customers', 1)],
      ],
      [view('customer:1', '/api/customers/1', 'rep1'), report('sales')],
    )
  })

  it('a task is completed: both lists and the dashboard of its owner follow', async () => {
    const { id } = await send({
      path: '/api/tasks',
      as: 'rep1',
      body: { title: 'Call', dueDate: '2020-01-01' },
    })
    await demo.settle()
    await follow(
      { path: `/api/tasks/${id}/complete`, as: 'admin' },
      [
        [tasks('rep1', 'PENDING'), (after) => expect(idsOf(after)).to.not.include(id)],
        [tasks('rep1', 'COMPLETED'), (after) => expect(idsOf(after)).to.include(id)],
        [
          dashboard('rep1'),
          (after, before) => {
            grown('activeTasks', -1)(after, before)
            grown('completedTasks', 1)(after, before)
          },
        ],
        [report('activities'), grown('tasksCompleted', 1)],
      ],
      [dashboard('rep2'), meetings('rep1')],
    )
  })

  async function createOpportunity(): Promise<number> {
    const body = { title: 'Deal', amount: 1_000, customerId: 1 }
    const { id } = await send({ path: '/api/opportunities', as: 'rep1', body })
    await demo.settle()
    return id
  }

  it('an approval is requested: its approver has it, a notification and a new dashboard', async () => {
    const opportunityId = await createOpportunity()
    await follow(
      { path: '/api/approvals', as: 'rep1', body: { opportunityId, approverId: ids.rep2 } },
      [
        [pendingApprovals('rep2'), (after) => expect(after.at(-1).opportunityId).to.equal(opportunityId)],
        [dashboard('rep2'), grown('pendingApprovals', 1)],
        [
          notifications('rep2'),
          ([{ message }]) => expect(message).to.equal(`Opportunity ${opportunityId} waits for your approval`),
        ],
      ],
      [dashboard('rep1'), report('sales')],
    )
  })

  for (const [verb, done] of [
    ['approve', 'approved'],
    ['reject', 'rejected'],
  ] as const) {
    it(`an approval is ${done}: it leaves the approver’s list, and its requester is told`, async () => {
      const opportunityId = await createOpportunity()
      const body = { opportunityId, approverId: ids.rep2 }
      const { id } = await send({ path: '/api/approvals', as: 'rep1', body })
      await demo.settle()
      const stage = done.toUpperCase()
      const countOf = ({ byStage }: Json) =>
        byStage.find((one: Json) => one.stage === stage)?.opportunities ?? 0
      await follow(
        { path: `/api/approvals/${id}/${verb}`, as: 'rep2' },
        [
          [pendingApprovals('rep2'), (after) => expect(idsOf(after)).to.not.include(id)],
          [history(id), (after) => expect(after.at(-1).action).to.equal(stage)],
          [dashboard('rep2'), grown('pendingApprovals', -1)],
          [
            notifications('rep1'),
            ([{ message }]) => expect(message).to.equal(`Opportunity ${opportunityId} was ${done}`),
          ],
          [report('sales'), (after, before) => expect(countOf(after)).to.equal(countOf(before) + 1)],
        ],
        [dashboard('rep1'), report('customers')],
      )
    })
  }

  it('an opportunity is created: every dashboard and the sales report follow', async () => {
    await follow(
      { path: '/api/opportunities', as: 'rep1', body: { title: 'Deal', amount: 250, customerId: 1 } },
      [
        [dashboard('admin'), grown('monthlyRevenue', 250)],
        [dashboard('rep2'), grown('monthlyRevenue', 250)],
        [report('sales'), grown('amount', 250)],
      ],
      [report('customers'), meetings('rep1')],
    )
  })

  it('an opportunity is updated: every dashboard and the sales report follow', async () => {
    const id = await createOpportunity()
    await follow(
      { path: `/api/opportunities/${id}`, method: 'PUT', as: 'rep2', body: { amount: 3_000 } },
      [
        [dashboard('admin'), grown('monthlyRevenue', 2_000)],
        [dashboard('rep1'), grown('monthlyRevenue', 2_000)],
        [report('sales'), grown('amount', 2_000)],
      ],
      [report('customers'), meetings('rep1')],
    )
  })

  it('who reads all the while sees the new answer, and the old one never again', async () => {
    const { count: before } = await read(customerCount)
    let isOver = false
    const readers = Array.from({ length: 4 }, async () => {
      const counts: number[] = []
      while (!isOver) counts.push((await read(customerCount)).count)
      return counts
    })
    const body = { email: `${randomUUID()}@crm.example`, name: 'New', password: 'long-enough-1' }
    let after = Number.NaN
    try {
      await send({ path: '/api/auth/register', body })
      await demo.settle()
      after = (await read(customerCount)).count
    } finally {
      isOver = true
    }
    expect(after).to.equal(before + 1)
    for (const counts of await Promise.all(readers)) {
      expect(counts).to.deep.equal([...counts].sort((a, b) => a - b))
      expect(counts.at(-1)).to.equal(after)
    }
  })
})
