import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { answerOf } from '../support/answer-of.js'
import { startProcess, type TestProcess } from '../support/child-process.js'
import { type Listening, listen } from '../support/http.js'
import { quietExpress } from '../support/quiet-express.js'
import { ownRedisForTests, type RedisServer } from '../support/redis.js'
import { until } from '../support/until.js'

const APP = fileURLToPath(new URL('lost-eviction-app.js', import.meta.url))

interface App {
  readonly process: TestProcess
  ask(path: string, method?: string): Promise<{ xCache: string | null; json: Record<string, unknown> }>
}

describe('an eviction that Redis could not be told of', function () {
  this.timeout(60_000)
  let directory: string
  let redis: RedisServer
  let database: Listening
  let version: number
  const apps: App[] = []

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'express-cacheable-lost-'))
    version = 1
    const rows = quietExpress()
    rows.put('/', (_req, res) => {
      version += 1
      res.json({ version })
    })
    rows.get('/', (_req, res) => void res.json({ version }))
    database = await listen(rows)
  })
  afterEach(async () => {
    await Promise.all(apps.splice(0).map((app) => app.process.stop()))
    await redis?.stop()
    await database.close()
    await rm(directory, { recursive: true })
  })

  async function startRedis(context: Mocha.Context, port?: number): Promise<void> {
    const args = ['--dir', directory, '--appendonly', 'yes', '--appendfsync', 'always']
    redis = await ownRedisForTests(context, port === undefined ? { args } : { args, port })
    context.timeout(60_000)
  }

  async function startApp(): Promise<App> {
    const options = JSON.stringify({ redis: redis.url, database: database.url })
    const child = await startProcess(process.execPath, [APP, options])
    await until('an application to listen', () => /\d+\n/.test(child.output()))
    const url = `http://127.0.0.1:${Number.parseInt(child.output(), 10)}`
    const app: App = {
      process: child,
      async ask(path, method = 'GET') {
        const answer = await answerOf(url + path, { method, signal: AbortSignal.timeout(10_000) })
        expect(answer.status).to.equal(200)
        return { xCache: answer.xCache, json: JSON.parse(answer.text) }
      },
    }
    apps.push(app)
    return app
  }

  /** Reads until it is a hit again, and sees the newest version each time. */
  async function readsTheNewest(app: App): Promise<void> {
    await until('hits again', async () => {
      const { xCache, json } = await app.ask('/rows/1')
      expect(json).to.deep.equal({ version })
      return xCache === 'HIT'
    })
  }

  const outages = {
    'was killed, and comes back with its data': {
      async begin() {
        process.kill(redis.pid, 'SIGKILL')
        await redis.stop()
      },
      end: (context: Mocha.Context) => startRedis(context, redis.port),
    },
    'stood still, and goes on': {
      begin: () => redis.freeze(),
      end: () => redis.thaw(),
    },
  }

  for (const [what, outage] of Object.entries(outages)) {
    for (const isKilled of [false, true]) {
      const writer = isKilled ? 'the writer, which is killed meanwhile, and ' : ''
      it(`is seen by ${writer}all others once a Redis that ${what}`, async function () {
        await startRedis(this)
        const [one, other] = [await startApp(), await startApp()]
        await readsTheNewest(one)
        await readsTheNewest(other)

        await outage.begin()
        await one.ask('/rows/1', 'PUT')
        expect(version).to.equal(2)
        if (isKilled) process.kill(one.process.pid, 'SIGKILL')
        await until('the other to have noticed', async () => {
          const { json } = await other.ask('/rows/1')
          expect(json).to.deep.equal({ version: 2 })
          return (await other.ask('/status')).json.circuit !== 'closed'
        })

        await outage.end(this)
        const late = await startApp()
        await Promise.all([late, other, ...(isKilled ? [] : [one])].map(readsTheNewest))
        // And those who write go on to be heard.
        await other.ask('/rows/1', 'PUT')
        await Promise.all([late, other].map(readsTheNewest))
      })
    }
  }
})
