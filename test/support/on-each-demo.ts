import { type RunningDemo, startDemo } from '#demo/app.js'
import { DEFAULT_CONFIG } from '#demo/config.js'
import { demoInProcesses } from './demo-in-processes.js'
import { type DemoUnderTest, GENEROUS_DEADLINE_MS } from './demo-under-test.js'
import { ownRedisForTests, type RedisServer } from './redis.js'

const START_TIMEOUT_MS = 60_000
/** Each write waits for all processes, on two cores maybe. */
const SEVERAL_TIMEOUT_MS = 60_000

/** Runs the same tests on the demo in one process, with each store, and in six processes that share a Kafka. */
export function onEachDemo(title: string, define: (demo: () => DemoUnderTest) => void): void {
  describe(`${title} (one process, in-process store)`, () => defineOnOneProcess(define))

  describe(`${title} (one process, Redis)`, () => {
    let server: RedisServer
    before(async function () {
      server = await ownRedisForTests(this)
    })
    after(() => server?.stop())
    defineOnOneProcess(define, () => server.url)
  })

  describe(`${title} (six processes)`, function () {
    this.timeout(SEVERAL_TIMEOUT_MS)
    let demo: DemoUnderTest
    before(async function () {
      demo = await demoInProcesses(this)
    })
    define(() => demo)
  })
}

function defineOnOneProcess(define: (demo: () => DemoUnderTest) => void, redisUrl?: () => string): void {
  let demo: RunningDemo

  before(async function () {
    this.timeout(START_TIMEOUT_MS)
    demo = await startDemo({
      ...DEFAULT_CONFIG,
      signInsPerMinute: 100_000,
      port: 0,
      warm: false,
      redisUrl: redisUrl?.(),
      deadlineMs: GENEROUS_DEADLINE_MS,
    })
  })
  after(() => demo?.close())

  // Whoever has the answer of a write has all that follows from it: the bus is in the same process.
  define(() => ({ ...demo, settle: async () => {} }))
}
