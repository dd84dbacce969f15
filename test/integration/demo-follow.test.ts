import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import pg from 'pg'
import { type RunningDemo, startDemo } from '#demo/app.js'
import { DEFAULT_CONFIG } from '#demo/config.js'
import { answerOf } from '../support/answer-of.js'
import { postgresForTests } from '../support/postgres.js'
import { redisForTests } from '../support/redis.js'
import { until } from '../support/until.js'

describe('the demo beside a colleague with psql', () => {
  let demo: RunningDemo
  let colleague: pg.Client
  let token: string

  before(async function () {
    const databaseUrl = await postgresForTests(this)
    demo = await startDemo({
      ...DEFAULT_CONFIG,
      ...{ port: 0, warm: false, follow: 'log', databaseUrl, redisUrl: await redisForTests(this) },
      keyPrefix: `test-${randomBytes(6).toString('hex')}:`,
    })
    colleague = new pg.Client({ connectionString: databaseUrl })
    await colleague.connect()
    const admin = await demo.prisma.user.findFirstOrThrow({ where: { role: 'admin' } })
    token = await demo.tokens.sign(admin)
  })
  after(async () => {
    await colleague?.end()
    await demo?.close()
  })

  const get = (path: string) => answerOf(demo.url + path, { headers: { authorization: `Bearer ${token}` } })
  const untilHit = (path: string) => until('a hit', async () => (await get(path)).xCache === 'HIT')

  it('shows what was updated there with the next read, in the customer and in the list', async () => {
    const paths = ['/api/customers/200', '/api/customers?page=1&limit=100']
    for (const path of paths) await untilHit(path)
    await colleague.query(`UPDATE "Customer" SET name = 'Ada of Psql' WHERE id = 200`)
    for (const path of paths) {
      await until(`the new name in ${path}`, async () => (await get(path)).text.includes('Ada of Psql'))
    }
  })

  it('keeps what has to do with other rows', async () => {
    await untilHit('/api/customers/7')
    await colleague.query(`UPDATE "Customer" SET name = 'Grace of Psql' WHERE id = 200`)
    await until('the new name', async () => (await get('/api/customers/200')).text.includes('Grace of Psql'))
    expect((await get('/api/customers/7')).xCache).to.equal('HIT')
  })
})
