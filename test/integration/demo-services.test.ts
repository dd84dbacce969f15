import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { SERVICE_NAMES } from '#demo/service-names.js'
import type { TestProcess } from '../support/child-process.js'
import { launchDemo, untilReady } from '../support/demo-program.js'
import { freePortsInARow } from '../support/free-port.js'
import { isAlive } from '../support/is-alive.js'
import { type KafkaServer, ownKafkaForTests } from '../support/kafka.js'
import { postgresForTests } from '../support/postgres.js'
import { ownRedisForTests, type RedisServer } from '../support/redis.js'
import { until } from '../support/until.js'

const START_DEADLINE_MS = 90_000
const STOP_DEADLINE_MS = 15_000
const GONE_DEADLINE_MS = 30_000
const PROCESSES = ['gateway', ...SERVICE_NAMES]

describe('npm run demo:services', function () {
  this.timeout(START_DEADLINE_MS + STOP_DEADLINE_MS)

  let kafka: KafkaServer
  let redis: RedisServer
  let databaseUrl: string
  let port: number
  let demo: TestProcess

  before(async function () {
    kafka = await ownKafkaForTests(this)
    redis = await ownRedisForTests(this)
    databaseUrl = await postgresForTests(this)
  })

  beforeEach(async () => {
    port = await freePortsInARow(PROCESSES.length)
  })

  // Also where a test has failed half-way.
  afterEach(() => demo?.stop())

  after(async () => {
    await redis?.stop()
    await kafka?.stop()
  })

  async function start(): Promise<void> {
    demo = await launchDemo('processes/main.js', {
      PORT: String(port),
      DATABASE_URL: databaseUrl,
      REDIS_URL: redis.url,
      KAFKA_BROKERS: kafka.brokers.join(),
    })
  }

  async function startUntilReady(): Promise<void> {
    await start()
    await untilReady(demo, 'the demo', START_DEADLINE_MS)
  }

  async function exitCode(): Promise<number | undefined> {
    await until('it to end', () => demo.exitCode() !== undefined, { deadlineMs: STOP_DEADLINE_MS })
    return demo.exitCode()
  }

  /** The processes of the gateway and the services, some of which may still be loading. */
  async function children(): Promise<number[]> {
    let pids: number[] = []
    await until('all processes', async () => {
      pids = await childrenOf(demo.pid)
      return pids.length === PROCESSES.length
    })
    return pids
  }

  function ask(path: string, init: RequestInit = {}): Promise<Response> {
    const token = /TOKEN=(\S+)/.exec(demo.output())?.[1]
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    return fetch(`http://127.0.0.1:${port}${path}`, { headers, ...init })
  }

  it('starts six processes that work as one, says so once, and ends all with 0 at SIGINT', async () => {
    await startUntilReady()
    const output = demo.output()
    expect(output.match(/The CRM listens on/g)).to.have.length(1)
    expect(output).to.contain(`The CRM listens on http://localhost:${port}\n`)
    expect(output).to.contain(`events     Kafka at ${kafka.brokers}`)
    for (const name of PROCESSES) expect(output).to.match(new RegExp(`^\\[${name} *\\] .*istens on`, 'm'))

    const count = async () => ((await (await ask('/api/customers/count')).json()) as { count: number }).count
    const before = await count()
    // On a busy machine Redis may take longer than a request waits for it.
    await until('a hit', async () => (await ask('/api/customers/count')).headers.get('x-cache') === 'HIT')
    const body = JSON.stringify({ email: 'new@crm.example', name: 'New', password: 'long-enough' })
    expect((await ask('/api/auth/register', { method: 'POST', body })).status).to.equal(201)
    await until('the customer of the new user', async () => (await count()) === before + 1, {
      deadlineMs: START_DEADLINE_MS / 3,
    })

    const processes = await children()
    process.kill(demo.pid, 'SIGINT')
    expect(await exitCode()).to.equal(0)
    for (const name of PROCESSES) {
      expect(demo.output()).to.match(new RegExp(`^\\[${name} *\\] Stopping`, 'm'))
    }
    await allGone(processes)
  })

  it('ends all with 0 at SIGTERM while they are starting', async () => {
    await start()
    const processes = await children()
    process.kill(demo.pid, 'SIGTERM')
    expect(await exitCode()).to.equal(0)
    await allGone(processes)
  })

  it('says which process has ended, starts it no more, and ends the others with 1', async () => {
    await start()
    const processes = await children()
    process.kill(processes[0] as number, 'SIGKILL')
    expect(await exitCode()).to.equal(1)
    const told = demo
      .output()
      .match(/^The (\S+) process has ended \(SIGKILL\), so the others are stopped\.$/gm)
    expect(told).to.have.length(1)
    await allGone(processes)
  })

  it('leaves no process behind when it is killed itself', async () => {
    await start()
    const processes = await children()
    process.kill(demo.pid, 'SIGKILL')
    await allGone(processes)
  })
})

async function childrenOf(parent: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'ppid=,pid='])
  const lines = stdout.trim().split('\n')
  const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number))
  return pairs.filter(([ppid]) => ppid === parent).map(([, pid]) => pid as number)
}

function allGone(pids: readonly number[]): Promise<void> {
  // One that is still loading notices only then that it is alone.
  return until('all processes to end', () => !pids.some(isAlive), { deadlineMs: GONE_DEADLINE_MS })
}
