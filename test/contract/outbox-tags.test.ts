import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import type { ChangeStream } from '#src/postgres/change-source.js'
import type { OutboxSource } from '#src/postgres/outbox/outbox-source.js'
import { OutboxDatabase, readAll } from '../support/outbox-database.js'
import { readOfGroup, writeOfRow } from './row-tags/by-group.js'
import {
  type Course,
  type Follower,
  type Seen,
  type TestedDatabase,
  watchReads,
} from './row-tags/watched-reads.js'

/** More of it: ROW_TAGS_SEEDS=20 ROW_TAGS_WRITES=300. */
const { ROW_TAGS_SEEDS = '1', ROW_TAGS_WRITES = '60', ROW_TAGS_FIRST_SEED } = process.env
const FIRST_SEED = Number(ROW_TAGS_FIRST_SEED ?? Date.now() % 1_000_000)
const WRITES = Number(ROW_TAGS_WRITES)

/** Nothing is said of what triggers, rules and functions of the database write: whoever follows hears of it. */
describe('tags of what the outbox tells', () => {
  let database: OutboxDatabase
  let tested: TestedDatabase
  let source: OutboxSource
  let stream: ChangeStream | null

  before(async function () {
    database = await OutboxDatabase.make(this)
    const client = await database.connect()
    tested = {
      exec: (sql) => client.query(sql),
      query: async (sql, args) => {
        const { rows, rowCount } = await client.query(sql, [...args])
        return { rows, affected: rowCount ?? 0 }
      },
    }
  })
  after(() => database?.close())

  const follower: Follower = {
    async begin() {
      await stream?.close()
      await database.applyTriggers()
      source = database.source()
      stream = await database.open(source, randomBytes(8).toString('hex'))
    },
    heard: async () => (stream ? readAll(stream, source) : []),
  }
  const watch = (course: Pick<Course, 'seed' | 'read' | 'write'>): Promise<Seen> =>
    watchReads(tested, { writes: WRITES, reads: 40, follower, ...course })

  for (let seed = FIRST_SEED; seed < FIRST_SEED + Number(ROW_TAGS_SEEDS); seed += 1) {
    it(`evict whatever a write changed (seed ${seed})`, async function () {
      this.timeout(20_000 + WRITES * 500)
      const { missed } = await watch({ seed })
      expect(missed.slice(0, 3).join('\n\n'), `${missed.length} reads stayed that had changed`).to.equal('')
    })
  }

  it('evict little else of what is asked by key or by index', async function () {
    this.timeout(20_000 + WRITES * 500)
    const { missed, figures } = await watch({ seed: FIRST_SEED, read: readOfGroup, write: writeOfRow })
    expect(missed.join('\n\n')).to.equal('')
    const sum = (name: 'evicted' | 'byTable') =>
      [...figures.values()].reduce((total, each) => total + each[name], 0)
    expect(sum('evicted'), `of ${sum('byTable')} reads`).to.be.below(sum('byTable') * 0.6)
  })
})
