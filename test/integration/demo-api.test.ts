import { expect } from 'chai'
import { type RunningDemo, startDemo } from '#demo/app.js'
import { DEFAULT_CONFIG } from '#demo/config.js'
import { SERVICE_NAMES } from '#demo/service-names.js'
import { untilStored } from '../support/demo-under-test.js'
import { onEachDemo } from '../support/on-each-demo.js'

/** An answer, with its JSON. */
interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests read all kinds of JSON.
  readonly body: any
}

type Person = 'admin' | 'rep1' | 'rep2'

const START_TIMEOUT_MS = 60_000
const COLD = { ...DEFAULT_CONFIG, port: 0, warm: false, signInsPerMinute: 100_000 }
const YEAR = 'startDate=2020-01-01&endDate=2099-12-31'

onEachDemo('the demo CRM over HTTP', (demo) => {
  const tokens = {} as Record<Person, string>
  const ids = {} as Record<Person, number>

  before(async () => {
    for (const person of ['admin', 'rep1', 'rep2'] as const) await signIn(person)
  })

  async function signIn(person: Person): Promise<void> {
    const { body } = await ask('POST', '/api/auth/login', {
      body: { email: `${person}@crm.example`, password: 'crm-demo' },
    })
    tokens[person] = body.token
    ids[person] = body.user.id
  }

  /** Of a write, once all that follows from it has happened. */
  async function ask(
    method: string,
    path: string,
    {
      as,
      token,
      body,
      headers = {},
    }: { as?: Person; token?: string; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    const bearer = token ?? (as && tokens[as])
    const response = await fetch(demo().url + path, {
      method,
      headers: {
        ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    if (method !== 'GET' && response.ok) await demo().settle()
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? undefined : JSON.parse(text),
    }
  }

  async function fieldsRefused(
    method: string,
    path: string,
    options: Parameters<typeof ask>[2] = {},
  ): Promise<string[]> {
    const { status, body } = await ask(method, path, { as: 'admin', ...options })
    expect(status, `${method} ${path}`).to.equal(400)
    expect(body.error).to.equal('Invalid input')
    for (const { problem } of body.fields) expect(problem).to.be.a('string').and.not.equal('')
    return body.fields.map(({ field }: { field: string }) => field)
  }

  describe('signing in', () => {
    it('shows of a user what may be seen, and never the password', async () => {
      const { status, body } = await ask('POST', '/api/auth/login', {
        body: { email: 'ADMIN@crm.example', password: 'crm-demo' },
      })
      expect(status).to.equal(200)
      expect(body).to.have.all.keys('token', 'user')
      expect(body.user).to.have.all.keys('id', 'email', 'name', 'role', 'createdAt')
    })

    it('says the same to a wrong password and to an unknown address', async () => {
      const wrong = await ask('POST', '/api/auth/login', {
        body: { email: 'rep1@crm.example', password: 'wrong-one' },
      })
      const unknown = await ask('POST', '/api/auth/login', {
        body: { email: 'nobody@crm.example', password: 'wrong-one' },
      })
      expect(wrong.status).to.equal(401)
      expect(unknown.status).to.equal(401)
      expect(unknown.body).to.deep.equal(wrong.body)
    })

    it('registers sales people only, each with a customer of their own', async () => {
      const { status, body } = await ask('POST', '/api/auth/register', {
        body: { email: 'New@crm.example', name: 'New', password: 'a-password', role: 'admin' },
      })
      expect(status).to.equal(201)
      expect(body.user).to.include({ email: 'new@crm.example', role: 'sales' })
      const { body: list } = await ask('GET', '/api/customers?limit=1', { token: body.token })
      expect(list.customers[0]).to.include({ email: 'new@crm.example', userId: body.user.id })
    })

    it('answers 409 to an address that is taken', async () => {
      const body = { email: 'Rep1@crm.example', name: 'Again', password: 'a-password' }
      expect((await ask('POST', '/api/auth/register', { body })).status).to.equal(409)
    })
  })

  describe('who may do what', () => {
    const signedInOnly = [
      'GET /api/users',
      'GET /api/users/1',
      'PUT /api/users/1',
      'DELETE /api/users/1',
      'GET /api/customers',
      'GET /api/customers/count',
      'GET /api/customers/1',
      'POST /api/customers',
      'PUT /api/customers/1',
      'DELETE /api/customers/1',
      'GET /api/tasks',
      'GET /api/tasks/overdue',
      'POST /api/tasks',
      'PUT /api/tasks/1',
      'POST /api/tasks/1/complete',
      'GET /api/meetings/upcoming',
      'POST /api/meetings',
      'GET /api/approvals/pending',
      'GET /api/approvals/1/history',
      'POST /api/approvals',
      'POST /api/approvals/1/approve',
      'POST /api/approvals/1/reject',
      'GET /api/opportunities',
      'POST /api/opportunities',
      'PUT /api/opportunities/1',
      'GET /api/analytics/dashboard',
      `GET /api/reports/sales?${YEAR}`,
      'GET /api/notifications/unread',
      'POST /api/notifications/1/read',
    ]
    for (const route of signedInOnly) {
      it(`answers 401 to ${route} without a token, with a false one, and after somebody's hit`, async () => {
        const [method, path] = route.split(' ') as [string, string]
        if (method === 'GET') {
          expect((await ask(method, path, { as: 'admin' })).status).to.equal(200)
          expect((await ask(method, path, { as: 'admin' })).status).to.equal(200)
        }
        const none = await ask(method, path)
        expect(none.status).to.equal(401)
        expect(none.headers.get('www-authenticate')).to.equal('Bearer')
        expect(none.body).to.have.all.keys('error')
        expect((await ask(method, path, { token: `${tokens.admin}x` })).status).to.equal(401)
      })
    }

    it('answers 403 where an admin is required, also when the admin has filled the cache', async () => {
      await ask('GET', '/api/users', { as: 'admin' })
      await ask('GET', `/api/users/${ids.rep2}`, { as: 'admin' })
      expect((await ask('GET', '/api/users', { as: 'rep1' })).status).to.equal(403)
      expect((await ask('GET', `/api/users/${ids.rep2}`, { as: 'rep1' })).status).to.equal(403)
      expect((await ask('DELETE', `/api/users/${ids.rep2}`, { as: 'rep1' })).status).to.equal(403)
    })

    it('lets people see and change themselves, but not their role', async () => {
      const path = `/api/users/${ids.rep1}`
      expect((await ask('GET', path, { as: 'rep1' })).body.id).to.equal(ids.rep1)
      const renamed = await ask('PUT', path, { as: 'rep1', body: { name: 'Renamed' } })
      expect(renamed.body).to.include({ name: 'Renamed', role: 'sales' })
      expect((await ask('PUT', path, { as: 'rep1', body: { role: 'admin' } })).status).to.equal(403)
      expect((await ask('PUT', path, { as: 'rep2', body: { name: 'No' } })).status).to.equal(403)
    })

    it('lets an admin change roles, but never be the one who leaves none', async () => {
      const path = `/api/users/${ids.rep2}`
      expect((await ask('PUT', path, { as: 'admin', body: { role: 'admin' } })).body.role).to.equal('admin')
      expect((await ask('PUT', path, { as: 'admin', body: { role: 'sales' } })).body.role).to.equal('sales')
      // Another role, another token.
      expect((await ask('GET', path, { as: 'rep2' })).status).to.equal(401)
      await signIn('rep2')
      const own = `/api/users/${ids.admin}`
      expect((await ask('PUT', own, { as: 'admin', body: { role: 'sales' } })).status).to.equal(409)
      expect((await ask('DELETE', own, { as: 'admin' })).status).to.equal(409)
    })

    it('keeps people out of each other’s tasks, approvals and notifications', async () => {
      const [task] = (await ask('GET', '/api/tasks?status=PENDING', { as: 'rep1' })).body
      expect(
        (await ask('PUT', `/api/tasks/${task.id}`, { as: 'rep2', body: { title: 'x' } })).status,
      ).to.equal(403)
      expect((await ask('POST', `/api/tasks/${task.id}/complete`, { as: 'rep2' })).status).to.equal(403)
      const [approval] = (await ask('GET', '/api/approvals/pending', { as: 'rep1' })).body
      expect((await ask('POST', `/api/approvals/${approval.id}/approve`, { as: 'rep2' })).status).to.equal(
        403,
      )
      const [notification] = (await ask('GET', '/api/notifications/unread', { as: 'rep1' })).body
      const read = `/api/notifications/${notification.id}/read`
      expect((await ask('POST', read, { as: 'rep2' })).status).to.equal(404)
    })

    it('answers personal routes with the asker’s own, one right after the other', async () => {
      const first = (await ask('GET', '/api/tasks', { as: 'rep1' })).body
      const second = (await ask('GET', '/api/tasks', { as: 'rep2' })).body
      expect(first.every(({ userId }: { userId: number }) => userId === ids.rep1)).to.equal(true)
      expect(second.every(({ userId }: { userId: number }) => userId === ids.rep2)).to.equal(true)
      expect(first).to.have.length.above(0)
      expect(second).to.have.length.above(0)
    })
  })

  describe('bad input', () => {
    const badQueries: [path: string, fields: string[]][] = [
      ['/api/users?page=0', ['page']],
      ['/api/users?page=abc', ['page']],
      ['/api/users?page=', ['page']],
      ['/api/users?page=1&page=2', ['page']],
      ['/api/users?page=1e1', ['page']],
      ['/api/customers?limit=101', ['limit']],
      ['/api/customers?page=-1&limit=x', ['page', 'limit']],
      ['/api/customers?industry=', ['industry']],
      ['/api/customers?industry=%00', ['industry']],
      ['/api/customers?industry=a&industry=b', ['industry']],
      ['/api/tasks?status=DONE', ['status']],
      ['/api/opportunities?limit=0', ['limit']],
      ['/api/reports/sales', ['startDate', 'endDate']],
      ['/api/reports/sales?startDate=2026-02-30&endDate=2026-13-01', ['startDate', 'endDate']],
      ['/api/reports/sales?startDate=2026-02-02&endDate=2026-02-01', ['endDate']],
      [`/api/reports/profit?${YEAR}`, ['type']],
      [`/api/reports/constructor?${YEAR}`, ['type']],
    ]
    for (const [path, fields] of badQueries) {
      it(`names ${fields} in GET ${path}`, async () => {
        expect(await fieldsRefused('GET', path)).to.have.members(fields)
      })
    }

    it('refuses it for a page that is cached just as well', async () => {
      await ask('GET', '/api/customers?limit=10', { as: 'admin' })
      await fieldsRefused('GET', '/api/customers?limit=010')
    })

    for (const id of ['abc', '0', '01', '-1', '1.5', '99999999999', '1%00']) {
      it(`names the id ${id}, on every kind of route`, async () => {
        expect(await fieldsRefused('GET', `/api/customers/${id}`)).to.deep.equal(['id'])
        expect(await fieldsRefused('DELETE', `/api/users/${id}`)).to.deep.equal(['id'])
        expect(await fieldsRefused('POST', `/api/notifications/${id}/read`)).to.deep.equal(['id'])
      })
    }

    const badBodies: [route: string, body: object, fields: string[]][] = [
      ['POST /api/auth/register', {}, ['email', 'name', 'password']],
      ['POST /api/auth/register', { email: 'x', name: '', password: 'short' }, ['email', 'name', 'password']],
      ['POST /api/auth/login', { email: 1 }, ['email', 'password']],
      ['PUT /api/users/1', { email: null, role: 'owner' }, ['email', 'role']],
      ['POST /api/customers', { name: 'A', email: 'a@b.example' }, ['industry']],
      ['POST /api/customers', { name: 'A', email: 'a@b.example', industry: 'x', userId: 99_999 }, ['userId']],
      ['PUT /api/customers/1', { name: null, userId: 'x' }, ['name', 'userId']],
      ['PUT /api/customers/1', {}, ['body']],
      [
        'POST /api/tasks',
        { title: 'x\0', dueDate: '2026-02-30', status: 'DONE' },
        ['title', 'dueDate', 'status'],
      ],
      ['POST /api/tasks', { title: 'x', dueDate: '2026-02-01', userId: 99_999 }, ['userId']],
      ['PUT /api/tasks/1', { userId: 99_999 }, ['userId']],
      ['PUT /api/tasks/1', { titel: 'a slip of the pen' }, ['body']],
      ['POST /api/meetings', { title: 'x', scheduledAt: 'tomorrow' }, ['scheduledAt']],
      ['POST /api/opportunities', { title: 'x', amount: -1, customerId: 0 }, ['amount', 'customerId']],
      ['POST /api/opportunities', { title: 'x', amount: 1, customerId: 99_999 }, ['customerId']],
      ['POST /api/approvals', { opportunityId: 99_999, approverId: 2 }, ['opportunityId']],
      ['POST /api/approvals', { opportunityId: 1, approverId: 99_999 }, ['approverId']],
    ]
    for (const [route, body, fields] of badBodies) {
      it(`names ${fields} in ${route} ${JSON.stringify(body)}`, async () => {
        const [method, path] = route.split(' ') as [string, string]
        expect(await fieldsRefused(method, path, { body })).to.have.members(fields)
      })
    }

    for (const body of ['{"email":', '[]', '[{}]', 'null', '"text"', '1']) {
      it(`names the body ${body}`, async () => {
        expect(await fieldsRefused('POST', '/api/auth/login', { body })).to.deep.equal(['body'])
      })
    }

    it('names a body that is not JSON', async () => {
      const form = { body: 'name=x', headers: { 'content-type': 'application/x-www-form-urlencoded' } }
      expect(await fieldsRefused('PUT', '/api/customers/1', form)).to.deep.equal(['body'])
    })

    it('answers 413 to a body that is too large, and 400 to a path that cannot be decoded', async () => {
      const body = { name: 'x'.repeat(200_000) }
      expect((await ask('POST', '/api/customers', { as: 'admin', body })).status).to.equal(413)
      expect((await ask('GET', '/api/customers/%ff', { as: 'admin' })).status).to.equal(400)
    })

    const unknown = [
      'GET /api/users/99999',
      'PUT /api/users/99999',
      'DELETE /api/users/99999',
      'GET /api/customers/99999',
      'PUT /api/customers/99999',
      'DELETE /api/customers/99999',
      'PUT /api/tasks/99999',
      'POST /api/tasks/99999/complete',
      'GET /api/approvals/99999/history',
      'POST /api/approvals/99999/reject',
      'PUT /api/opportunities/99999',
      'POST /api/notifications/99999/read',
      'GET /api/nothing',
      'PATCH /api/customers/1',
      'GET /nothing',
    ]
    for (const route of unknown) {
      it(`answers 404 to ${route}, in JSON`, async () => {
        const [method, path] = route.split(' ') as [string, string]
        const body = method === 'PUT' ? { name: 'Nobody', title: 'Nothing' } : undefined
        const answer = await ask(method, path, { as: 'admin', body })
        expect(answer.status).to.equal(404)
        expect(answer.body).to.have.all.keys('error')
      })
    }
  })

  describe('its answers', () => {
    it('pages customers, newest first, of one industry or of all', async () => {
      const { body } = await ask('GET', '/api/customers?page=2&limit=7', { as: 'rep1' })
      expect(body.customers).to.have.length(7)
      const { page, limit, total, totalPages } = body.pagination
      expect({ page, limit, totalPages }).to.deep.equal({
        page: 2,
        limit: 7,
        totalPages: Math.ceil(total / 7),
      })
      const dates = body.customers.map(({ createdAt }: { createdAt: string }) => createdAt)
      expect(dates).to.deep.equal([...dates].sort().reverse())

      const energy = await ask('GET', '/api/customers?industry=energy&limit=100', { as: 'rep1' })
      const industries = energy.body.customers.map(({ industry }: { industry: string }) => industry)
      expect(new Set(industries)).to.deep.equal(new Set(['energy']))
      const all = await ask('GET', '/api/customers?industry=all', { as: 'rep1' })
      expect(all.body).to.deep.equal((await ask('GET', '/api/customers', { as: 'rep1' })).body)
    })

    it('counts customers as it lists them', async () => {
      const { body: list } = await ask('GET', '/api/customers', { as: 'rep1' })
      const { body: count } = await ask('GET', '/api/customers/count', { as: 'rep1' })
      expect(count).to.deep.equal({ count: list.pagination.total })
    })

    it('pages users without their passwords', async () => {
      const { body } = await ask('GET', '/api/users', { as: 'admin' })
      expect(body).to.have.all.keys('users', 'pagination')
      for (const user of body.users) expect(user).to.have.all.keys('id', 'email', 'name', 'role', 'createdAt')
    })

    it('creates, changes and deletes a customer', async () => {
      const sent = { name: 'Acme', email: 'a@acme.example', industry: 'energy', userId: ids.rep1 }
      const created = await ask('POST', '/api/customers', { as: 'rep1', body: { ...sent, ignored: true } })
      expect(created.status).to.equal(201)
      expect(created.body)
        .to.include(sent)
        .and.have.all.keys(...Object.keys(sent), 'id', 'createdAt')
      const path = `/api/customers/${created.body.id}`
      const updated = await ask('PUT', path, { as: 'rep1', body: { industry: 'health', userId: null } })
      expect(updated.body).to.deep.equal({ ...created.body, industry: 'health', userId: null })
      expect((await ask('GET', path, { as: 'rep2' })).body).to.deep.equal(updated.body)
      const deleted = await ask('DELETE', path, { as: 'rep1' })
      expect(deleted.status).to.equal(204)
      expect((await ask('GET', path, { as: 'rep2' })).status).to.equal(404)
    })

    it('shows the team’s overdue tasks to everyone alike', async () => {
      const { body } = await ask('GET', '/api/tasks/overdue', { as: 'rep1' })
      const now = new Date().toISOString()
      for (const task of body) expect(task.status === 'PENDING' && task.dueDate < now).to.equal(true)
      expect(new Set(body.map(({ userId }: { userId: number }) => userId)).size).to.be.above(1)
      expect((await ask('GET', '/api/tasks/overdue', { as: 'rep2' })).body).to.deep.equal(body)
    })

    it('moves a task from one list to the other when it is completed or handed on', async () => {
      const idsOf = async (status: string, as: Person): Promise<number[]> =>
        (await ask('GET', `/api/tasks?status=${status}`, { as })).body.map(({ id }: { id: number }) => id)
      const task = { title: 'Call', dueDate: '2020-01-01' }
      const { status, body } = await ask('POST', '/api/tasks', { as: 'rep1', body: task })
      expect(status).to.equal(201)
      expect(body).to.include({ title: 'Call', status: 'PENDING', userId: ids.rep1 })
      expect(await idsOf('PENDING', 'rep1')).to.include(body.id)
      expect(await idsOf('PENDING', 'rep2')).to.not.include(body.id)

      const path = `/api/tasks/${body.id}`
      await ask('PUT', path, { as: 'rep1', body: { userId: ids.rep2 } })
      expect(await idsOf('PENDING', 'rep1')).to.not.include(body.id)
      expect(await idsOf('PENDING', 'rep2')).to.include(body.id)

      const completed = await ask('POST', `${path}/complete`, { as: 'rep2' })
      expect(completed.status).to.equal(200)
      expect(completed.body.status).to.equal('COMPLETED')
      expect((await ask('POST', `${path}/complete`, { as: 'rep2' })).body).to.deep.equal(completed.body)
      expect(await idsOf('PENDING', 'rep2')).to.not.include(body.id)
      expect(await idsOf('COMPLETED', 'rep2')).to.include(body.id)
    })

    it('schedules meetings, and lists those to come', async () => {
      const upcoming = async (): Promise<string[]> =>
        (await ask('GET', '/api/meetings/upcoming', { as: 'rep2' })).body.map(
          ({ title }: { title: string }) => title,
        )
      await upcoming()
      const past = { title: 'Past', scheduledAt: '2020-01-01T10:00:00Z' }
      const future = { title: 'Future', scheduledAt: '2099-01-01T10:00:00+02:00' }
      expect((await ask('POST', '/api/meetings', { as: 'rep2', body: past })).status).to.equal(201)
      const { body } = await ask('POST', '/api/meetings', { as: 'rep2', body: future })
      expect(body.scheduledAt).to.equal('2099-01-01T08:00:00.000Z')
      expect(await upcoming())
        .to.include('Future')
        .and.not.include('Past')
    })

    it('takes an approval from its request to its decision, once', async () => {
      const offer = { title: 'Offer', amount: 1234.5, customerId: 1 }
      const opportunity = await ask('POST', '/api/opportunities', { as: 'rep1', body: offer })
      expect(opportunity.status).to.equal(201)
      expect(opportunity.body).to.include({ ...offer, stage: 'NEW' })
      const request = { opportunityId: opportunity.body.id, approverId: ids.rep2 }
      const { status, body: approval } = await ask('POST', '/api/approvals', { as: 'rep1', body: request })
      expect(status).to.equal(201)
      expect(approval).to.include({ ...request, status: 'PENDING' })
      const pending = (await ask('GET', '/api/approvals/pending', { as: 'rep2' })).body
      expect(pending.map(({ id }: { id: number }) => id)).to.include(approval.id)
      const [notice] = (await ask('GET', '/api/notifications/unread', { as: 'rep2' })).body
      expect(notice.message).to.contain(`Opportunity ${opportunity.body.id}`)

      const decided = await ask('POST', `/api/approvals/${approval.id}/approve`, { as: 'rep2' })
      expect(decided.body.status).to.equal('APPROVED')
      const again = await ask('POST', `/api/approvals/${approval.id}/reject`, { as: 'rep2' })
      expect(again.status).to.equal(409)
      const history = await ask('GET', `/api/approvals/${approval.id}/history`, { as: 'rep1' })
      expect(history.body.map(({ action }: { action: string }) => action)).to.deep.equal([
        'REQUESTED',
        'APPROVED',
      ])
      const { body: list } = await ask('GET', '/api/opportunities?limit=1', { as: 'admin' })
      expect(list.opportunities[0]).to.include({ id: opportunity.body.id, stage: 'APPROVED' })
      const [answer] = (await ask('GET', '/api/notifications/unread', { as: 'rep1' })).body
      expect(answer.message).to.equal(`Opportunity ${opportunity.body.id} was approved`)
    })

    it('marks a notification read, once and for its owner', async () => {
      const [first, ...others] = (await ask('GET', '/api/notifications/unread', { as: 'admin' })).body
      const path = `/api/notifications/${first.id}/read`
      const { status, body } = await ask('POST', path, { as: 'admin' })
      expect(status).to.equal(200)
      expect(body.readAt).to.be.a('string')
      expect((await ask('POST', path, { as: 'admin' })).body).to.deep.equal(body)
      expect((await ask('GET', '/api/notifications/unread', { as: 'admin' })).body).to.deep.equal(others)
    })

    it('adds up a dashboard of the user’s own and the company’s figures', async () => {
      const { body } = await ask('GET', '/api/analytics/dashboard', { as: 'rep1' })
      const { body: count } = await ask('GET', '/api/customers/count', { as: 'rep1' })
      const pending = await ask('GET', '/api/tasks?status=PENDING', { as: 'rep1' })
      const completed = await ask('GET', '/api/tasks?status=COMPLETED', { as: 'rep1' })
      const meetings = await ask('GET', '/api/meetings/upcoming', { as: 'rep1' })
      const approvals = await ask('GET', '/api/approvals/pending', { as: 'rep1' })
      expect(body).to.include({
        totalCustomers: count.count,
        activeTasks: pending.body.length,
        completedTasks: completed.body.length,
        upcomingMeetings: meetings.body.length,
        pendingApprovals: approvals.body.length,
        cached: false,
      })
      expect(body.monthlyRevenue).to.be.above(0)
      await untilStored(demo(), `analytics:dashboard:${ids.rep1}`)
      const hit = await ask('GET', '/api/analytics/dashboard', { as: 'rep1' })
      expect(hit.body).to.deep.equal({ ...body, cached: true })
    })

    it('reports sales, customers and activities of whole days', async () => {
      const today = new Date().toISOString().slice(0, 10)
      const report = async (type: string) =>
        (await ask('GET', `/api/reports/${type}?startDate=${today}&endDate=${today}`, { as: 'rep1' })).body
      const sales = await report('sales')
      expect(sales).to.include({ type: 'sales', startDate: today, endDate: today })
      await ask('POST', '/api/opportunities', {
        as: 'rep2',
        body: { title: 'Now', amount: 0.35, customerId: 1 },
      })
      const after = await report('sales')
      expect(after.opportunities).to.equal(sales.opportunities + 1)
      expect(after.amount).to.equal(Number((sales.amount + 0.35).toFixed(2)))
      expect(await report('customers')).to.include.keys('customers', 'byIndustry')
      expect(await report('activities')).to.include.keys('tasksCreated', 'tasksCompleted', 'meetings')
    })

    it('forgets a deleted user everywhere', async () => {
      const { body: joined } = await ask('POST', '/api/auth/register', {
        body: { email: 'leaver@crm.example', name: 'Leaver', password: 'a-password' },
      })
      const { token, user } = joined
      const [customer] = (await ask('GET', '/api/customers?limit=1', { as: 'admin' })).body.customers
      expect(customer.userId).to.equal(user.id)
      await ask('GET', `/api/customers/${customer.id}`, { as: 'admin' })
      await ask('POST', '/api/tasks', { token, body: { title: 'Left behind', dueDate: '2020-01-01' } })
      expect((await ask('GET', '/api/tasks', { token })).body).to.have.length(1)

      expect((await ask('DELETE', `/api/users/${user.id}`, { as: 'admin' })).status).to.equal(204)
      expect((await ask('GET', `/api/users/${user.id}`, { as: 'admin' })).status).to.equal(404)
      expect((await ask('GET', '/api/tasks', { token })).body).to.deep.equal([])
      const overdue = (await ask('GET', '/api/tasks/overdue', { as: 'admin' })).body
      expect(overdue.map(({ userId }: { userId: number }) => userId)).to.not.include(user.id)
      const { body: orphan } = await ask('GET', `/api/customers/${customer.id}`, { as: 'admin' })
      expect(orphan).to.deep.equal({ ...customer, userId: null })
    })
  })

  describe('what an operator asks', () => {
    for (const path of ['/healthz', '/readyz', '/api/cache/stats']) {
      it(`${path} is open and never cached`, async () => {
        const { status, headers } = await ask('GET', path)
        expect(status).to.equal(200)
        expect(headers.get('cache-control')).to.equal('no-store')
        expect(headers.get('x-cache')).to.equal(null)
      })
    }

    it('tells the hit rate first', async () => {
      const { body } = await ask('GET', '/api/cache/stats')
      expect(Object.keys(body).slice(0, 4)).to.deep.equal(['hits', 'misses', 'total', 'hitRate'])
    })
  })
})

describe('two demos in one process', () => {
  it('share nothing, one with a warm cache and one of a single service without a cache', async function () {
    this.timeout(START_TIMEOUT_MS)
    const [warm, alone] = await Promise.all([
      startDemo({ ...COLD, warm: true }),
      startDemo({ ...COLD, services: ['customer'], cache: false }),
    ])
    try {
      const get = async ({ port, tokens }: RunningDemo, path: string) => {
        const token = await tokens.sign({ id: 1, role: 'admin', tokenVersion: 0 })
        const headers = { authorization: `Bearer ${token}` }
        const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers })
        return {
          status: response.status,
          cache: response.headers.get('x-cache'),
          type: response.headers.get('content-type'),
          text: await response.text(),
        }
      }
      await alone.prisma.customer.update({ where: { id: 200 }, data: { name: 'Elsewhere' } })

      const warmed = await get(warm, '/api/customers/200')
      expect(warmed.cache).to.equal('HIT')
      await warm.cache.delete('customer:200')
      const loaded = await get(warm, '/api/customers/200')
      expect(loaded).to.deep.equal({ ...warmed, cache: 'MISS' })

      const queriesBefore = alone.queries()
      const answers = [await get(alone, '/api/customers/200'), await get(alone, '/api/customers/200')]
      for (const { cache, text } of answers) {
        expect(cache).to.not.equal('HIT')
        expect(JSON.parse(text).name).to.equal('Elsewhere')
      }
      expect(alone.queries() - queriesBefore).to.equal(2)

      expect((await get(alone, '/readyz')).status).to.equal(200)
      expect((await get(alone, '/api/users')).status).to.equal(404)
      expect((await get(alone, '/api/analytics/dashboard')).status).to.equal(404)
      expect((await get(warm, '/api/users')).status).to.equal(200)
    } finally {
      await Promise.all([warm.close(), alone.close()])
    }
  })

  for (const service of SERVICE_NAMES) {
    it(`has keys and patterns that stand on their own in the service ${service}`, async function () {
      this.timeout(START_TIMEOUT_MS)
      // Verification at start is the test: a pattern for another service's keys would be an error.
      const demo = await startDemo({ ...COLD, services: [service] })
      await demo.close()
    })
  }
})
