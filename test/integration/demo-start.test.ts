import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { freePort } from '../support/free-port.js'
import { PROJECT_ROOT } from '../support/project-root.js'

const TIMEOUT_MS = 60_000
const MAIN = join(PROJECT_ROOT, 'build/demo/main.js')

interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `npm run demo` without npm, until it ends; `onOutput` may make it end. */
async function runDemo(
  env: Record<string, string>,
  onOutput: (stdout: string, kill: (signal: NodeJS.Signals) => void) => void = () => {},
): Promise<Outcome> {
  const { PATH = '' } = process.env
  const child = spawn(process.execPath, [MAIN], { env: { PATH, PORT: '0', ...env } })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text
    onOutput(output.stdout, (signal) => child.kill(signal))
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text
  })
  const killer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS)
  const [code] = await once(child, 'close')
  clearTimeout(killer)
  return { code, ...output }
}

describe('starting and stopping the demo', () => {
  beforeEach(function () {
    this.timeout(TIMEOUT_MS)
  })

  it('says where it listens and what to try, works as promised, and ends with 0 at SIGINT', async () => {
    let work: Promise<string[]> | undefined
    const { code, stdout, stderr } = await runDemo({}, (output, kill) => {
      if (work || !output.includes('Ctrl-C stops it.')) return
      work = followTour(output).finally(() => kill('SIGINT'))
    })
    expect(await work).to.deep.equal(['MISS', 'HIT', 'MISS'])
    expect(stdout).to.match(/The CRM listens on http:\/\/localhost:\d+\n/)
    expect(stdout).to.match(/Open http:\/\/localhost:\d+\/ in a browser/)
    expect(stdout).to.contain('database   PGlite, embedded, in memory')
    expect(stdout).to.contain('cache      in this process')
    expect(stdout).to.contain('Cache warmed: 100 customers')
    expect(stdout.match(/^ +curl .*$/gm)).to.have.length(4)
    expect(stderr).to.equal('')
    expect(code).to.equal(0)
  })

  it('ends with 0 at SIGTERM while it is starting', async () => {
    const { code } = await runDemo({}, (output, kill) => {
      if (!output.includes('Stopping')) kill('SIGTERM')
    })
    expect(code).to.equal(0)
  })

  describe('when something is wrong, says one line and ends with 1', () => {
    let taken: Server
    let takenPort: number

    before(async () => {
      takenPort = await freePort()
      taken = createServer().listen(takenPort, '127.0.0.1')
      await once(taken, 'listening')
    })

    after(() => taken.close())

    const cases: [name: string, env: () => Record<string, string>, says: RegExp][] = [
      ['a port in use', () => ({ PORT: String(takenPort) }), /^Port \d+ is in use\./],
      ['a port that is none', () => ({ PORT: 'http' }), /^PORT is "http"/],
      ['an unknown service', () => ({ SERVICE: 'billing' }), /^SERVICE is "billing"/],
      ['a DATABASE_URL that is none', () => ({ DATABASE_URL: 'crm' }), /^DATABASE_URL is not a URL/],
      [
        'a DATABASE_URL that nobody listens at',
        () => ({ DATABASE_URL: 'postgres://crm:secret@127.0.0.1:1/crm' }),
        /^The database at DATABASE_URL \(127\.0\.0\.1:1\/crm\) cannot be used: /,
      ],
      [
        'a DATABASE_URL where nobody answers',
        () => ({ DATABASE_URL: `postgres://crm:secret@127.0.0.1:${takenPort}/crm` }),
        /^The database at DATABASE_URL .* cannot be used: /,
      ],
      [
        'Kafka for one service alone, without a database to share',
        () => ({ KAFKA_BROKERS: 'localhost:9092', SERVICE: 'auth' }),
        /^DATABASE_URL is not set/,
      ],
      ['a gateway that cannot know its services', () => ({ SERVICE: 'gateway' }), /^AUTH_URL must be set/],
    ]
    for (const [name, env, says] of cases) {
      it(name, async () => {
        const { code, stderr } = await runDemo(env())
        expect(stderr)
          .to.match(says)
          .and.match(/^[^\n]+\n$/)
          .and.not.contain('secret')
        expect(code).to.equal(1)
      })
    }
  })
})

/** Sends the requests of the printed commands, with the first one once more; answers their X-Cache. */
async function followTour(output: string): Promise<string[]> {
  const token = /TOKEN=(\S+)/.exec(output)?.[1]
  const reads = [...output.matchAll(/curl -si -H "[^"]+" '([^']+)'/g)].map(([, url]) => url as string)
  const write = /-X (\w+).* -d '([^']+)' '([^']+)'/.exec(output)
  const stats = /curl -s '([^']+)'/.exec(output)?.[1]
  if (reads.length !== 2 || !write || !stats) throw new Error(`Not the commands expected:\n${output}`)
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const xCache = async (url: string) => (await fetch(url, { headers })).headers.get('x-cache') ?? 'none'

  const before = [await xCache(reads[0] as string), await xCache(reads[1] as string)]
  const [, method = '', body = '', url = ''] = write
  await fetch(url, { method, body, headers })
  const after = await xCache(reads[0] as string)
  const { hits, misses } = (await (await fetch(stats)).json()) as { hits: number; misses: number }
  if (hits !== 1 || misses !== 2) throw new Error(`Statistics say ${hits} hits and ${misses} misses`)
  return [...before, after]
}
