import pg from 'pg'
import { followedRelations } from '#src/postgres/outbox/followed-relations.js'
import { OUTBOX_SQL } from '#src/postgres/outbox/outbox-sql.js'
import { triggersSql } from '#src/postgres/outbox/triggers-sql.js'
import { TABLES } from './items.js'
import type { BarrierRaceOptions } from './options.js'

/** Makes the database of a race, with all that its followers need. @returns Its URL. */
export async function createDatabase(
  postgresUrl: string,
  name: string,
  { from }: BarrierRaceOptions,
): Promise<string> {
  await withClient(postgresUrl, (client) => client.query(`CREATE DATABASE ${name}`))
  const url = new URL(postgresUrl)
  url.pathname = name
  await withClient(url.href, async (client) => {
    await client.query(TABLES)
    if (from === 'log') return
    const relations = await followedRelations(async (sql) => (await client.query(sql)).rows)
    await client.query(['BEGIN;', OUTBOX_SQL, ...relations.map(triggersSql), 'COMMIT'].join('\n'))
  })
  return url.href
}

async function withClient(url: string, use: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    await use(client)
  } finally {
    await client.end()
  }
}
