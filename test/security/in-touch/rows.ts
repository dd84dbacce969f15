import { setTimeout as sleep } from 'node:timers/promises'
import { KEEP_ALIVE_MS, type Listening, listen } from '../../support/http.js'
import { quietExpress } from '../../support/quiet-express.js'

/** The database of a run: a version for each row, which a write raises. */
export interface Rows {
  readonly url: string
  version(row: string): number
  /** What happens between a write's commit and its answer to the process that writes. */
  afterCommit: () => Promise<void>
  /** What happens before a write's commit. */
  beforeCommit: () => Promise<void>
  close(): Promise<void>
}

export async function startRows(): Promise<Rows> {
  const versions = new Map<string, number>()
  const version = (row: string): number => versions.get(row) ?? 1
  const app = quietExpress()
  app.get('/rows/:id', ({ params }, res) => void res.json({ version: version(params.id) }))
  app.put('/rows/:id', async ({ params }, res) => {
    await rows.beforeCommit()
    versions.set(params.id, version(params.id) + 1)
    await rows.afterCommit()
    res.json({ version: version(params.id) })
  })
  const server: Listening = await listen(app, KEEP_ALIVE_MS)
  const rows: Rows = {
    url: server.url,
    version,
    beforeCommit: async () => {},
    afterCommit: async () => {},
    close: server.close,
  }
  return rows
}

/** What goes on for some time, such as a fault: here time is the matter, and nothing is raced. */
export function goOn(ms: number): Promise<void> {
  return sleep(ms)
}
