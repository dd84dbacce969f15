import express, { type Express } from 'express'
import { type Cache, type CacheableOptions, createCache } from 'express-cacheable'
import { DEFAULT_CONFIG } from '#demo/config.js'
import { listen } from '#demo/http/listen.js'
import { type Pagination, paginationOf } from '#demo/http/query.js'
import { silentLogger } from '#demo/logger.js'
import type { ShownCustomer } from '#demo/services/customer/customer.service.js'
import { account } from './account.js'
import { atEnd } from './run-bench.js'

/** The demo's customer routes, with its keys and its rows, without a database or anything else that takes time. */
export interface Crm {
  readonly url: string
  readonly cache: Cache
}

export interface CrmOptions {
  readonly redisUrl: string
  readonly ttlSeconds: number
  /** How answers are kept. */
  readonly compress?: NonNullable<CacheableOptions['compress']>
}

const CUSTOMERS = 20_000
/** So that whatever takes its time is measured, and not given up. */
const DEADLINE_MS = 120_000
const INDUSTRIES = ['software', 'energy', 'finance', 'health', 'logistics', 'retail']
const NAMES = ['Acme Works', 'Blue Labs', 'Cedar Partners', 'Delta Systems', 'Ember Foods', 'Falcon Freight']
const EIGHT_HOURS_MS = 8 * 3_600_000

export const ALL_LISTS = 'customers:list:*'

/** Starts the routes on a loopback port; they end with the bench. */
export async function startCrm({ redisUrl, ttlSeconds, compress = false }: CrmOptions): Promise<Crm> {
  // Silent, as after a Ctrl-C something always goes wrong; otherwise it shows in the figures that are checked.
  const cache = createCache({ redis: redisUrl, deadlineMs: DEADLINE_MS, logger: silentLogger })
  atEnd(() => cache.close())
  const app = customerRoutes(cache, ttlSeconds, compress)
  await cache.ready(app)
  const { port, stop } = await listen(app, { host: DEFAULT_CONFIG.host, port: 0 })
  atEnd(stop)
  return { url: `http://${DEFAULT_CONFIG.host}:${port}`, cache }
}

function customerRoutes(
  cache: Cache,
  ttlSeconds: number,
  compress: NonNullable<CacheableOptions['compress']>,
): Express {
  const app = express()
  app.get(
    '/customers',
    cache.cacheable('customers:list:{query.page|=1}:{query.limit|=10}:{query.industry|=all}', ttlSeconds, {
      compress,
    }),
    ({ query: { page, limit, industry } }, res) => {
      res.json(customerList(Number(page), Number(limit), String(industry)))
    },
  )
  app.get('/customers/:id', cache.cacheable('customer:{id}', ttlSeconds, { compress }), ({ params }, res) => {
    res.json(customer(Number(params.id)))
  })
  app.get('/accounts/:id', cache.cacheable('account:{id}', ttlSeconds, { compress }), ({ params }, res) => {
    res.json(account(Number(params.id)))
  })
  app.post('/customers', cache.evict(ALL_LISTS), (_req, res) => {
    res.status(201).json({})
  })
  return app
}

export function customer(id: number): ShownCustomer {
  const name = `${NAMES[id % NAMES.length]} ${Math.floor(id / NAMES.length) + 1}`
  return {
    id,
    name,
    email: `office@${name.toLowerCase().replaceAll(' ', '-')}.example`,
    industry: INDUSTRIES[id % INDUSTRIES.length] as string,
    userId: null,
    createdAt: new Date(Date.UTC(2026, 0) + id * EIGHT_HOURS_MS),
  }
}

export function customerList(
  page: number,
  limit: number,
  industry: string,
): { customers: ShownCustomer[]; pagination: Pagination } {
  const customers = Array.from({ length: limit }, (_, index) => {
    return { ...customer((page - 1) * limit + index + 1), ...(industry === 'all' ? {} : { industry }) }
  })
  return { customers, pagination: paginationOf({ page, limit }, CUSTOMERS) }
}
