import type { Random } from '../consistency/random.js'
import { type CrmUser, cachedRoutesOf } from './crm-cast.js'
import type { CrmClient } from './crm-client.js'
import type { CrmLoad } from './crm-load.js'

const READS = 0.5
const DAY_MS = 86_400_000
const INDUSTRIES = ['software', 'energy', 'finance']

interface Row {
  readonly id: number
}

interface Write {
  /** Where it goes. */
  readonly path: string
  readonly act: () => Promise<unknown>
  readonly isPossible?: boolean
}

/** One of those who write and read for a load, one request after the other. */
export class CrmWorker {
  readonly #load: CrmLoad
  readonly #client: CrmClient
  readonly #random: Random
  readonly #name: string
  readonly #users: CrmUser[] = []
  readonly #customers: number[] = []
  readonly #opportunities: number[] = []
  #tasks: { readonly id: number; readonly userId: number }[] = []
  readonly #pending: number[] = []
  #made = 0

  constructor(load: CrmLoad, client: CrmClient, random: Random, name: string) {
    this.#load = load
    this.#client = client
    this.#random = random
    this.#name = name
  }

  async step(isAway: (path: string) => boolean): Promise<void> {
    const writes: readonly Write[] = [
      { path: '/api/auth', act: () => this.#registerOneOfMine() },
      { path: '/api/users', act: () => this.#deleteUser(), isPossible: this.#users.length > 3 },
      { path: '/api/customers', act: () => this.#createCustomer() },
      { path: '/api/customers', act: () => this.#updateCustomer(), isPossible: this.#customers.length > 0 },
      { path: '/api/customers', act: () => this.#updateCustomer(), isPossible: this.#customers.length > 0 },
      { path: '/api/customers', act: () => this.#deleteCustomer(), isPossible: this.#customers.length > 3 },
      { path: '/api/tasks', act: () => this.#createTask() },
      { path: '/api/tasks', act: () => this.#handOnTask(), isPossible: this.#tasks.length > 0 },
      { path: '/api/tasks', act: () => this.#completeTask(), isPossible: this.#tasks.length > 0 },
      { path: '/api/meetings', act: () => this.#scheduleMeeting() },
      { path: '/api/opportunities', act: () => this.#createOpportunity() },
      {
        path: '/api/opportunities',
        act: () => this.#updateOpportunity(),
        isPossible: this.#opportunities.length > 0,
      },
      { path: '/api/approvals', act: () => this.requestApproval() },
      { path: '/api/approvals', act: () => this.#decide(), isPossible: this.#pending.length > 0 },
      { path: '/api/notifications', act: () => this.#readNotification() },
    ]
    if (!this.#random.chance(READS)) {
      const possible = writes.filter(({ path, isPossible = true }) => isPossible && !isAway(path))
      await this.#random.oneOf(possible).act()
      return
    }
    const routes = cachedRoutesOf(this.#load.cast).filter(({ path }) => !isAway(path))
    const { path, token } = this.#random.oneOf(routes)
    const { status, text } = await this.#client.get(path, token)
    // What has been deleted is asked for too.
    if (status !== 200 && status !== 404) throw new Error(`GET ${path} was answered ${status}: ${text}`)
  }

  /** Nobody deletes them. */
  async register(): Promise<CrmUser> {
    const email = `${this.#newName()}@faults.example`
    const body = { email, name: `New ${email}`, password: 'long-enough-1' }
    const { token, user } = await this.#client.write<{ token: string; user: Row }>(
      'POST',
      '/api/auth/register',
      '',
      body,
    )
    const registered = { id: user.id, token }
    this.#load.cast.users.push(registered)
    this.#load.registered.push(email)
    this.#load.tell('USER_CREATED', 'CUSTOMER_CREATED')
    return registered
  }

  async #registerOneOfMine(): Promise<void> {
    this.#users.push(await this.register())
  }

  async requestApproval(): Promise<void> {
    const opportunityId = this.#opportunities.length > 0 ? this.#random.oneOf(this.#opportunities) : 1
    // The admin decides, and nobody decides on a request of their own.
    const requester = this.#random.oneOf(this.#staff.filter(({ id }) => id !== this.#load.cast.admin.id))
    const approver = this.#random.oneOf(this.#staff.filter(({ id }) => id !== requester.id))
    const body = { opportunityId, approverId: approver.id }
    const { id } = await this.#client.write<Row>('POST', '/api/approvals', requester.token, body)
    this.#pending.push(id)
    this.#load.cast.approvals.push(id)
    this.#load.tell('APPROVAL_REQUESTED')
  }

  async #deleteUser(): Promise<void> {
    const { id } = this.#takeOne(this.#users)
    this.#tasks = this.#tasks.filter(({ userId }) => userId !== id)
    await this.#write('DELETE', `/api/users/${id}`)
    this.#load.deleted.push(id)
    this.#load.tell('USER_DELETED', 'USER_ACTIVITIES_DELETED')
  }

  async #createCustomer(): Promise<void> {
    const name = this.#newName()
    const userId = this.#users.length > 0 ? this.#random.oneOf(this.#users).id : null
    const industry = this.#random.oneOf(INDUSTRIES)
    const body = { name, email: `${name}@customers.example`, industry, userId }
    const { id } = await this.#write<Row>('POST', '/api/customers', body)
    this.#customers.push(id)
    this.#load.cast.customers.push(id)
    this.#load.tell('CUSTOMER_CREATED')
  }

  async #updateCustomer(): Promise<void> {
    const id = this.#random.oneOf(this.#customers)
    const body = { name: this.#newName(), industry: this.#random.oneOf(INDUSTRIES) }
    await this.#write('PUT', `/api/customers/${id}`, body)
    this.#load.tell('CUSTOMER_UPDATED')
  }

  async #deleteCustomer(): Promise<void> {
    await this.#write('DELETE', `/api/customers/${this.#takeOne(this.#customers)}`)
    this.#load.tell('CUSTOMER_DELETED')
  }

  async #createTask(): Promise<void> {
    const { id: userId } = this.#somebody()
    const dueDate = this.#dayFromNow()
    const body = { title: this.#newName(), dueDate, userId }
    const { id } = await this.#write<Row>('POST', '/api/tasks', body)
    this.#tasks.push({ id, userId })
    this.#load.tell('TASK_CREATED')
  }

  async #handOnTask(): Promise<void> {
    const { id } = this.#takeOne(this.#tasks)
    const { id: userId } = this.#somebody()
    await this.#write('PUT', `/api/tasks/${id}`, { userId })
    this.#tasks.push({ id, userId })
    this.#load.tell('TASK_UPDATED')
  }

  async #completeTask(): Promise<void> {
    const { id } = this.#takeOne(this.#tasks)
    await this.#write('POST', `/api/tasks/${id}/complete`)
    this.#load.tell('TASK_COMPLETED')
  }

  async #scheduleMeeting(): Promise<void> {
    const body = { title: this.#newName(), scheduledAt: this.#dayFromNow() }
    await this.#client.write('POST', '/api/meetings', this.#somebody().token, body)
    this.#load.tell('MEETING_SCHEDULED')
  }

  async #createOpportunity(): Promise<void> {
    const body = { title: this.#newName(), amount: 100 + this.#random.below(900), customerId: 1 }
    const { id } = await this.#write<Row>('POST', '/api/opportunities', body)
    this.#opportunities.push(id)
    this.#load.tell('OPPORTUNITY_CREATED')
  }

  async #updateOpportunity(): Promise<void> {
    const id = this.#random.oneOf(this.#opportunities)
    const amount = 100 + this.#random.below(900)
    await this.#write('PUT', `/api/opportunities/${id}`, { amount, stage: 'WON' })
    this.#load.tell('OPPORTUNITY_UPDATED')
  }

  async #decide(): Promise<void> {
    const [verb, eventType] = this.#random.oneOf([
      ['approve', 'APPROVAL_APPROVED'],
      ['reject', 'APPROVAL_REJECTED'],
    ] as const)
    await this.#write('POST', `/api/approvals/${this.#takeOne(this.#pending)}/${verb}`)
    this.#load.tell(eventType)
  }

  async #readNotification(): Promise<void> {
    const { token } = this.#random.oneOf(this.#staff)
    const unread = await this.#client.write<Row[]>('GET', '/api/notifications/unread', token)
    if (unread.length === 0) return
    await this.#client.write('POST', `/api/notifications/${this.#random.oneOf(unread).id}/read`, token)
  }

  get #staff(): readonly CrmUser[] {
    return this.#load.cast.staff
  }

  #write<Json>(method: string, path: string, body?: object): Promise<Json> {
    return this.#client.write<Json>(method, path, this.#load.cast.admin.token, body)
  }

  #somebody(): CrmUser {
    return this.#random.oneOf([...this.#staff, ...this.#users])
  }

  /** Days away from now, so that nothing becomes due while a test runs. */
  #dayFromNow(): string {
    return new Date(Date.now() + (this.#random.chance(0.5) ? 5 : -5) * DAY_MS).toISOString()
  }

  #takeOne<Item>(items: Item[]): Item {
    return items.splice(this.#random.below(items.length), 1)[0] as Item
  }

  #newName(): string {
    this.#made += 1
    return `n${this.#name}-${this.#made}`
  }
}
