import { setTimeout as sleep } from 'node:timers/promises'
import type { Express } from 'express'
import type { Cache } from 'express-cacheable'
import { cacheDashboard, type DashboardOptions } from 'express-cacheable/dashboard'
import { Random } from '../consistency/random.js'
import { KEEP_ALIVE_MS, type Listening, listen } from '../support/http.js'
import { quietExpress } from '../support/quiet-express.js'

const DASHBOARD = '/admin/cache/'

interface LoadedCrmOptions {
  /** Each in a process of its own, as far as they know. The first one has the dashboard. */
  readonly caches: readonly Cache[]
  readonly dashboard: DashboardOptions
  /** How long a handler takes. */
  readonly handlerMs?: () => number
  /** How long to wait between two requests, at most. */
  readonly pauseMs?: () => number
}

/** A small CRM with rules of every kind, some of them odd, that is read and written all the time. */
export class LoadedCrm {
  readonly #servers: Listening[] = []
  readonly #random = new Random(17, 0)
  #isRunning = true
  #load: Promise<unknown> = Promise.resolve()

  static async start({
    caches,
    dashboard,
    handlerMs = () => 0,
    pauseMs = () => 40,
  }: LoadedCrmOptions): Promise<LoadedCrm> {
    const crm = new LoadedCrm()
    for (const [nth, cache] of caches.entries()) {
      const app = quietExpress()
      mountRoutes(app, cache, handlerMs)
      if (nth === 0) app.use(DASHBOARD, cacheDashboard(cache, dashboard))
      await cache.ready(app)
      crm.#servers.push(await listen(app, KEEP_ALIVE_MS))
    }
    crm.#load = Promise.all(crm.#servers.map((server) => crm.#keepAsking(server, pauseMs)))
    return crm
  }

  get dashboardUrl(): string {
    return `${this.#servers[0]?.url}${DASHBOARD}`
  }

  /** @returns What the cache did. */
  async send(method: string, path: string, server = this.#servers[0]): Promise<string | null> {
    const headers = path === '/tasks' && this.#random.chance(0.8) ? { 'x-user': '7' } : undefined
    const response = await fetch(`${server?.url}${path}`, { method, ...(headers && { headers }) })
    await response.arrayBuffer()
    return response.headers.get('x-cache')
  }

  async stop(): Promise<void> {
    this.#isRunning = false
    await this.#load
    for (const server of this.#servers) await server.close()
  }

  async #keepAsking(server: Listening, pauseMs: () => number): Promise<void> {
    while (this.#isRunning) {
      const [method, path] = this.#random.chance(0.06)
        ? this.#anyWrite()
        : (['GET', this.#anyRead()] as const)
      await this.send(method, path, server)
      await sleep(this.#random.below(pauseMs()))
    }
  }

  #anyRead(): string {
    const id = 1 + this.#random.below(20)
    const paths = [
      `/customers/${id}`,
      `/customers/${id}`,
      `/customers/${id}`,
      `/customers/${id}/contacts`,
      `/customers?page=${1 + (id % 3)}`,
      `/opportunities?page=${1 + (id % 2)}`,
      '/tasks',
      '/reports/sales',
      '/currencies',
    ]
    return this.#random.oneOf(paths)
  }

  #anyWrite(): readonly [method: string, path: string] {
    const id = 1 + this.#random.below(20)
    return this.#random.oneOf([
      ['PUT', `/customers/${id}`],
      ['POST', '/customers'],
      ['POST', `/customers/${id}/contacts`],
      ['PATCH', `/opportunities/${id}`],
      ['POST', '/notifications'],
    ] as const)
  }
}

function mountRoutes(app: Express, cache: Cache, handlerMs: () => number): void {
  // As what checks a token would.
  app.use((req, _res, next) => {
    const id = req.get('x-user')
    if (id !== undefined) Object.assign(req, { user: { id } })
    next()
  })
  const answer =
    (body: (id: string) => unknown) =>
    async (req: { params: object }, res: { json(body: unknown): void }) => {
      await sleep(handlerMs())
      res.json(body((req.params as { id?: string }).id ?? ''))
    }
  const customer = (id: string) => ({ id, name: `Customer ${id}`, segment: 'smb', city: 'Osaka' })
  const list = answer(() => Array.from({ length: 10 }, (_, nth) => customer(String(nth))))
  const done = answer(() => ({}))

  app.get('/customers', cache.cacheable('customers:list:{query.page|1}', '1m'), list)
  app.get(
    '/customers/:id',
    cache.cacheable('customer:{id}', '5m', { tags: ['customer:{id}'] }),
    answer(customer),
  )
  app.get('/customers/:id/contacts', cache.cacheable('contacts:{id}', '5m'), list)
  app.get(
    '/opportunities',
    cache.cacheable('opportunities:list:{query.page|1}', '1m', { reads: ['opportunity'] }),
    list,
  )
  app.get('/tasks', cache.cacheable('tasks:{user.id}', '30s'), list)
  app.get(
    '/reports/sales',
    cache.cacheable('reports:sales', '1h', { reads: ['opportunity', 'customer'] }),
    list,
  )
  app.get('/currencies', cache.cacheable('currencies', '1d'), list)

  app.post('/customers', cache.evict('customers:list:*'), done)
  app.put(
    '/customers/:id',
    cache.evict(['customer:{id}', 'customers:list:*'], { writes: ['customer'] }),
    done,
  )
  app.post('/customers/:id/contacts', cache.evict('contacts:{id}'), done)
  app.patch('/opportunities/:id', cache.evict({ writes: ['opportunity'] }), done)
  app.post('/notifications', cache.evict({ tags: ['notification'] }), done)
}
