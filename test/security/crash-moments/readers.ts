import { type Cache, createCache } from 'express-cacheable'
import { KEEP_ALIVE_MS, type Listening, listen } from '../../support/http.js'
import { LightClient } from '../../support/light-client.js'
import { quietExpress } from '../../support/quiet-express.js'
import { recordingLogger } from '../../support/recording-logger.js'
import type { WritersDatabase } from './writers-database.js'

/** One who reads rows through a cache of its own. */
export interface Reader {
  readonly name: string
  read(row: string): Promise<{ readonly version: number; readonly xCache: string }>
  close(): Promise<void>
}

/** One that keeps nothing itself, and one with copies. */
export function openReaders(redis: string, leaseMs: number, database: WritersDatabase): Promise<Reader[]> {
  const options = { redis, leaseMs, deadlineMs: 2_000, logger: recordingLogger() }
  const copies = { maxBytes: 10_000_000, maxAgeMs: 600_000 }
  return Promise.all([
    openReader('A', createCache(options), database),
    openReader('B', createCache({ ...options, memory: copies }), database),
  ])
}

async function openReader(name: string, cache: Cache, database: WritersDatabase): Promise<Reader> {
  const app = quietExpress()
  app.get('/rows/:id', cache.cacheable('row:{id}', 600), ({ params }, res) => {
    res.json({ version: database.version(params.id) })
  })
  await cache.ready(app)
  const server: Listening = await listen(app, KEEP_ALIVE_MS)
  const client = new LightClient(20_000)
  return {
    name,
    async read(row) {
      const { text, xCache } = await client.ask('GET', `${server.url}/rows/${row}`)
      return { version: JSON.parse(text).version, xCache }
    },
    async close() {
      client.close()
      await server.close()
      await cache.close()
    },
  }
}
