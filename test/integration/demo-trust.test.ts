import { expect } from 'chai'
import { type RunningDemo, startDemo } from '#demo/app.js'
import { DEFAULT_CONFIG } from '#demo/config.js'
import { onEachDemo } from '../support/on-each-demo.js'

type Person = 'admin' | 'rep1' | 'rep2'

interface Reply {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: each route answers JSON of its own shape.
  readonly body: any
}

async function ask(url: string, method: string, path: string, token?: string, body?: object): Promise<Reply> {
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) }
}

const PASSWORD = DEFAULT_CONFIG.password
const logIn = (url: string, email: string, password = PASSWORD) =>
  ask(url, 'POST', '/api/auth/login', undefined, { email, password })

onEachDemo('the demo CRM, used by people who mean harm,', (demo) => {
  const signedIn = {} as Record<Person, { readonly token: string; readonly id: number }>

  before(async () => {
    for (const person of ['admin', 'rep1', 'rep2'] as const) {
      const { body } = await logIn(demo().url, `${person}@crm.example`)
      signedIn[person] = { token: body.token, id: body.user.id }
    }
  })

  const as = (person: Person, method: string, path: string, body?: object) =>
    ask(demo().url, method, path, signedIn[person].token, body)

  const newOpportunity = async () => {
    const offer = { title: 'An offer', amount: 100, customerId: 1 }
    return (await as('rep1', 'POST', '/api/opportunities', offer)).body
  }

  it('lets nobody be the approver of a request of their own', async () => {
    const { id: opportunityId } = await newOpportunity()
    for (const person of ['rep1', 'admin'] as const) {
      const body = { opportunityId, approverId: signedIn[person].id }
      const { status, body: answer } = await as(person, 'POST', '/api/approvals', body)
      expect(status).to.equal(400)
      expect(answer.fields).to.have.length(1)
      expect(answer.fields[0].field).to.equal('approverId')
    }
  })

  it('lets nobody decide on a request of their own, not even an admin', async () => {
    const { id: opportunityId } = await newOpportunity()
    const body = { opportunityId, approverId: signedIn.rep2.id }
    const { body: approval } = await as('admin', 'POST', '/api/approvals', body)
    for (const decision of ['approve', 'reject']) {
      expect((await as('admin', 'POST', `/api/approvals/${approval.id}/${decision}`)).status).to.equal(403)
    }
    expect((await as('rep2', 'POST', `/api/approvals/${approval.id}/approve`)).status).to.equal(200)
  })

  it('takes the stages that a decision gives from nobody', async () => {
    const { id } = await newOpportunity()
    for (const stage of ['APPROVED', 'REJECTED', 'approved', ' Rejected ']) {
      const { status, body } = await as('admin', 'PUT', `/api/opportunities/${id}`, { stage })
      expect(status, stage).to.equal(400)
      expect(body.fields.map(({ field }: { field: string }) => field)).to.deep.equal(['stage'])
      const offer = { title: 'An offer', amount: 100, customerId: 1, stage }
      expect((await as('rep1', 'POST', '/api/opportunities', offer)).status, stage).to.equal(400)
    }
    expect((await as('rep1', 'PUT', `/api/opportunities/${id}`, { stage: 'WON' })).status).to.equal(200)
  })

  it('ends the tokens of a user with their password and their role, in every service', async () => {
    const { url } = demo()
    const email = `leaver-${signedIn.rep1.id}@crm.example`
    const registration = { email, name: 'Lea Leaver', password: 'a first password' }
    const { body: first } = await ask(url, 'POST', '/api/auth/register', undefined, registration)
    const path = `/api/users/${first.user.id}`
    await demo().settle()

    const refusedEverywhere = async (token: string) => {
      await demo().settle()
      for (const asked of [
        path,
        '/api/customers/1',
        '/api/tasks',
        '/api/opportunities',
        '/api/notifications/unread',
      ]) {
        const { status } = await ask(url, 'GET', asked, token)
        expect(status, asked).to.equal(401)
      }
    }
    const password = 'a second password'
    expect((await ask(url, 'PUT', path, first.token, { password })).status).to.equal(200)
    await refusedEverywhere(first.token)

    const { body: second } = await logIn(url, email, password)
    expect((await ask(url, 'GET', path, second.token)).status).to.equal(200)
    expect((await ask(url, 'PUT', path, second.token, { name: 'Lea' })).status).to.equal(200)
    expect((await ask(url, 'GET', path, second.token)).status).to.equal(200)

    expect((await as('admin', 'PUT', path, { role: 'admin' })).status).to.equal(200)
    await refusedEverywhere(second.token)
  })
})

describe('signing in to the demo', () => {
  let demo: RunningDemo
  let url: string

  beforeEach(async () => {
    demo = await startDemo({ ...DEFAULT_CONFIG, port: 0, warm: false })
    url = `http://127.0.0.1:${demo.port}`
  }).timeout(60_000)
  afterEach(() => demo.close())

  it('is refused to an address after ten failures, and told from a wrong password', async () => {
    for (let nth = 0; nth < DEFAULT_CONFIG.signInsPerMinute; nth += 1) {
      expect((await logIn(url, 'admin@crm.example', 'a wrong password')).status).to.equal(401)
    }
    const refused = await logIn(url, 'admin@crm.example', 'a wrong password')
    expect(refused.status).to.equal(429)
    expect(refused.body.error).to.match(/^Too many attempts/)
    expect(refused.headers.get('ratelimit')).to.be.a('string')
  })

  it('counts only failures', async () => {
    for (let nth = 0; nth < 2 * DEFAULT_CONFIG.signInsPerMinute; nth += 1) {
      expect((await logIn(url, 'rep1@crm.example')).status).to.equal(200)
    }
  })

  it('keeps nobody else waiting, however many ask at once', async () => {
    const attempts = Array.from({ length: 30 }, () => logIn(url, 'nobody@crm.example', 'a wrong password'))
    let longestTurnMs = 0
    let before = performance.now()
    const watch = setInterval(() => {
      longestTurnMs = Math.max(longestTurnMs, performance.now() - before)
      before = performance.now()
    }, 1)
    expect((await fetch(`${url}/healthz`)).status).to.equal(200)
    const answers = await Promise.all(attempts)
    clearInterval(watch)
    const counts = [401, 429].map((code) => answers.filter(({ status }) => status === code).length)
    expect(counts).to.deep.equal([DEFAULT_CONFIG.signInsPerMinute, 20])
    // A hash takes some 80 ms of a thread; all of them on this one took seconds.
    expect(longestTurnMs).to.be.lessThan(500)
  })
})
