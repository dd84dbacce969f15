import { type Cache, type CacheOptions, createCache } from 'express-cacheable'
import { trackPg } from 'express-cacheable/pg'
import { type Follower, type FollowOptions, followDatabase } from 'express-cacheable/postgres'
import pg from 'pg'
import { partsOf } from '#src/cache-parts.js'
import { answerOf } from './answer-of.js'
import { listen } from './http.js'
import { quietExpress } from './quiet-express.js'
import { type RecordingLogger, recordingLogger } from './recording-logger.js'
import { until } from './until.js'

const WITHIN_MS = 15_000

/** An application with answers made from customers and orders, and a follower of their database. */
export interface FollowedShop {
  readonly cache: Cache
  readonly follower: Follower
  readonly logger: RecordingLogger
  /** What is answered under a path: `HIT`, `MISS` or `BYPASS`, and its body. */
  ask(path: string): Promise<string>
  /** Asks until each answer is a hit. */
  warm(...paths: string[]): Promise<void>
  close(): Promise<void>
}

export const SHOP = `
  CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL, industry text, notes text);
  CREATE INDEX ON customers (industry);
  CREATE TABLE orders (id int, customer_id int REFERENCES customers, day date NOT NULL, PRIMARY KEY (id, day))
    PARTITION BY RANGE (day);
  CREATE TABLE orders_2025 PARTITION OF orders FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
  CREATE TABLE orders_2026 PARTITION OF orders FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
  CREATE INDEX ON orders (customer_id);
  CREATE PUBLICATION express_cacheable FOR ALL TABLES`

/** The rows that each test begins with. */
export const SHOP_ROWS = `
  TRUNCATE customers, orders;
  INSERT INTO customers VALUES (1, 'Ada', 'steel', null), (2, 'Bo', 'steel', null), (3, 'Cy', 'food', null);
  INSERT INTO orders VALUES (1, 1, '2025-06-01'), (2, 2, '2026-06-01')`

/** @param url - Of a database with the shop's tables. */
export async function openShop(
  url: string,
  { cache: ofCache, follow }: { cache?: CacheOptions; follow?: Partial<FollowOptions> } = {},
): Promise<FollowedShop> {
  const logger = recordingLogger()
  const cache = createCache({ logger, ...ofCache })
  const pool = trackPg(cache).pool(new pg.Pool({ connectionString: url }))
  pool.on('error', () => {})
  const app = quietExpress()
  const rows = async (sql: string, ...values: unknown[]) => (await pool.query(sql, values)).rows
  app.get('/customers/:id', cache.cacheable('customer:{id}', 600), async (req, res) => {
    res.json(await rows('SELECT * FROM customers WHERE id = $1', Number(req.params.id)))
  })
  app.get('/industries/:name', cache.cacheable('industry:{name}', 600), async (req, res) => {
    res.json(
      await rows('SELECT id, name FROM customers WHERE industry = $1 ORDER BY id', String(req.params.name)),
    )
  })
  app.get('/orders/:customer', cache.cacheable('orders:{customer}', 600), async (req, res) => {
    res.json(
      await rows('SELECT id FROM orders WHERE customer_id = $1 ORDER BY id', Number(req.params.customer)),
    )
  })
  app.get('/count', cache.cacheable('count', 600), async (_req, res) => {
    res.json(await rows('SELECT count(*)::int FROM customers'))
  })
  await cache.ready(app)
  const follower = await followDatabase(cache, { connectionString: url, ...follow })
  const server = await listen(app)
  const ask = async (path: string) => {
    const { xCache, body } = await answerOf(server.url + path)
    return `${xCache} ${body}`
  }
  return {
    ...{ cache, follower, logger, ask },
    async warm(...paths) {
      for (const path of paths)
        await until(`a hit of ${path}`, async () => (await ask(path)).startsWith('HIT'))
    },
    async close() {
      await server.close()
      await follower.close()
      await cache.close()
      await pool.end()
    },
  }
}

/** Waits until all that has been committed so far is evicted from what a cache holds. */
export async function passed(cache: Cache): Promise<void> {
  const [database] = partsOf(cache).followed.list()
  const position = await database?.position(WITHIN_MS)
  if (!position) throw new Error('the database says no position')
  if (!(await database?.passed(position, WITHIN_MS))) throw new Error(`nobody has passed ${position}`)
}
