import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import { type Cache, createCache } from 'express-cacheable'
import { Cluster } from 'ioredis'
import { answerOf } from '../support/answer-of.js'
import { onPath } from '../support/commands.js'
import { freePort } from '../support/free-port.js'
import { type Gate, gate } from '../support/gate.js'
import { type Listening, listen } from '../support/http.js'
import { quietExpress } from '../support/quiet-express.js'
import { recordingLogger } from '../support/recording-logger.js'
import { ownClusterForTests, redisForTests } from '../support/redis.js'
import { CLI, type CliSettings, callCli, runCli } from '../support/run-cli.js'

const CTRL_C = '\u0003'
const CTRL_D = '\u0004'
const MEMORY = { maxBytes: 1_000_000, maxAgeMs: 3_600_000 }

/** One application on a Redis, with copies in its process, and the command line beside it. */
describe('express-cacheable on a Redis', () => {
  const keyPrefix = `test-${randomBytes(6).toString('hex')}:`
  let redisUrl: string
  let cache: Cache
  let server: Listening
  let loading: { readonly reached: Gate; readonly goesOn: Gate } | undefined
  let name = 'Ada'

  before(async function () {
    redisUrl = await redisForTests(this)
    cache = createCache({
      ...{ redis: redisUrl, keyPrefix, memory: MEMORY, deadlineMs: 5_000, logger: recordingLogger() },
      name: 'crm-1',
    })
    const app = quietExpress()
    app.get(
      '/customers/:id',
      cache.cacheable('customer:{id}', '10m', { tags: ['all'] }),
      async (req, res) => {
        const read = name
        loading?.reached.open()
        await loading?.goesOn.wait
        res.json({ id: req.params.id, name: read })
      },
    )
    app.get('/logo', cache.cacheable('logo', 60), (_req, res) => {
      res.type('png').send(Buffer.from([0x89, 0x50, 0xff, 0x00]))
    })
    await cache.ready(app)
    server = await listen(app)
  })
  beforeEach(async () => {
    name = 'Ada'
    await cache.clear()
    for (const path of ['/customers/1', '/customers/2', '/logo']) await get(path)
  })
  afterEach(() => {
    loading = undefined
  })
  after(async () => {
    await cache?.clear()
    await server?.close()
    await cache?.close()
  })

  const get = (path: string) => answerOf(`${server.url}${path}`)
  const cli = (args: readonly string[], settings: CliSettings = {}) =>
    runCli([...args, '--prefix', keyPrefix], { ...settings, env: { REDIS_URL: redisUrl, ...settings.env } })
  const call = (...args: string[]) => callCli(['--redis', redisUrl, '--prefix', keyPrefix, ...args])

  it('lists keys by a pattern, as text and as JSON', async () => {
    const [all, some, none] = await Promise.all([
      cli(['keys']),
      call('keys', 'customer:*', '--json', '--limit', '1'),
      call('keys', 'nothing:*', '--names'),
    ])
    expect(all.stdout).to.match(
      /^KEY +SIZE +GONE IN +TAGS\ncustomer:1 +23 B +(10m|9m 5\ds) +all\ncustomer:2 .*\nlogo /,
    )
    const { entries, more } = JSON.parse(some.stdout)
    expect(entries.map(({ key }: { key: string }) => key)).to.deep.equal(['customer:1'])
    expect(more).to.equal(true)
    expect(none).to.deep.include({ code: 0, stdout: '' })
    expect(none.stderr).to.include(`No key is covered by 'nothing:*'`)
  })

  it('gives the body alone to a pipe, whatever it is', async () => {
    const [json, bytes, none] = await Promise.all([
      cli(['get', 'customer:1']),
      call('get', 'logo', '--json'),
      call('get', 'customer:3'),
    ])
    expect(json.stdout).to.equal('{"id":"1","name":"Ada"}')
    expect(json.stderr).to.match(
      /^customer:1 {2}200 application\/json; charset=utf-8 · 23 B · gone in .* · tags all\n$/,
    )
    expect(JSON.parse(bytes.stdout)).to.include({ status: 200, base64: 'iVD/AA==' })
    expect(none).to.deep.include({ code: 1, stdout: '' })
  })

  it('tells what would go, and removes nothing by that', async () => {
    const { code, stdout, stderr } = await call('evict', 'customer:*', '--key', 'logo', '--dry-run')
    expect(stdout).to.equal('customer:1\ncustomer:2\nlogo\n')
    expect(stderr).to.equal('3 entries would go.\n')
    expect(code).to.equal(0)
    expect((await get('/customers/1')).xCache).to.equal('HIT')
  })

  it('evicts for all processes, and keeps out what a load has read before', async () => {
    expect((await get('/customers/2')).xCache, 'a copy in the process').to.equal('HIT')
    await cache.delete('customer:1')
    loading = { reached: gate(), goesOn: gate() }
    const { reached, goesOn } = loading
    const slow = get('/customers/1')
    await reached.wait
    name = 'Grace'
    const { code, stdout } = await cli(['evict', '--tag', 'all', 'customer:1', '--yes'])
    expect({ code, stdout }).to.deep.equal({ code: 0, stdout: 'Removed 1 entry.\n' })
    goesOn.open()
    expect((await slow).text).to.include('Ada')
    const answers = await Promise.all([get('/customers/1'), get('/customers/2')])
    for (const { xCache, text } of answers) {
      expect(xCache).to.equal('MISS')
      expect(text).to.include('Grace')
    }
  })

  it('does not evict where it can neither ask nor was told to, or was told no', async () => {
    const refused = await call('evict', 'customer:*')
    expect(refused).to.deep.include({ code: 2, stdout: '' })
    expect(refused.stderr).to.include('Add --yes, or --dry-run')
    if (await onPath('script')) {
      for (const text of ['n\r', CTRL_D]) {
        const types = { after: '[y/N]', text }
        const declined = await cli(['evict', 'customer:*'], { onTerminal: true, types })
        expect(declined.stdout).to.match(/Evict 2 entries .*prefix 'test-.*\? \[y\/N\]/)
        expect(declined.stdout).to.include('Nothing was evicted.')
        expect(declined.code).to.equal(1)
      }
    }
    expect((await get('/customers/1')).xCache).to.equal('HIT')
  })

  it('says what all processes have done, and Redis', async () => {
    const { code, stdout } = await cli(['stats', '--json'])
    const { keys, redis, totals, rules, processes } = JSON.parse(stdout)
    expect(code).to.equal(0)
    expect(keys).to.equal(3)
    expect(redis.usedMemoryBytes).to.be.greaterThan(0)
    expect(processes).to.have.length(1)
    expect(processes[0]).to.include({ name: 'crm-1', pid: process.pid })
    const names = rules.map((rule: { name: string }) => rule.name)
    expect(names).to.have.members(['GET /customers/:id', 'GET /logo'])
    expect(totals.misses).to.be.greaterThan(0)
    expect(totals.hits + totals.misses + totals.bypasses).to.equal(cache.stats().requests)
  })

  it('explains what a request would get, as its process says', async () => {
    const [held, missing, unknown] = await Promise.all([
      cli(['explain', 'GET', '/customers/1', '--json']),
      call('explain', 'https://crm.example/customers/9?x=1', '-H', 'accept: */*'),
      call('explain', '/nowhere'),
    ])
    const [explanation] = JSON.parse(held.stdout)
    expect(explanation).to.deep.include({
      route: 'GET /customers/:id',
      key: 'customer:1',
      processes: ['crm-1'],
    })
    expect(explanation.entry).to.include({ bytes: 23, isStale: false })
    expect(explanation.next.xCache).to.equal('HIT')
    expect(missing.stdout).to.match(/^GET \/customers\/9\?x=1 {2}MISS\nsaid by crm-1\n/)
    expect(missing.stdout)
      .to.match(/^✓ route +GET \/customers\/:id$/m)
      .and.match(/^stored {2}nothing$/m)
    expect(unknown).to.deep.include({ code: 1, stdout: '' })
    expect(unknown.stderr).to.include('The one process knows no route for GET /nowhere.')
    expect([held, missing].map(({ code }) => code)).to.deep.equal([0, 0])
  })

  it('prints a line a look into a pipe, and ends when its reader has seen enough', async () => {
    const one = await cli(['top', '--count', '1', '--every', '50ms'])
    expect(one.stdout).to.match(/^\d{4}-\d\d-\d\dT\S+ {2}1 process {2}3 keys {2}\S+ requests\/s .*\n$/)
    const closed = await cli(['top', '--every', '20ms'], { readsAtMost: 10 })
    expect(closed.code).to.equal(0)
    expect(closed.stderr).to.equal('')
  })

  it('draws on a screen of its own, and gives the terminal back', async function () {
    if (!(await onPath('script'))) this.skip()
    const { code, stdout } = await cli(['top', '--every', '100ms'], {
      ...{ onTerminal: true, env: { NO_COLOR: '1' } },
      types: { after: 'GET /customers/:id', text: 'q' },
    })
    const [before, rest = ''] = stdout.split('\u001b[?1049h')
    const [onScreen, after] = rest.split('\u001b[?1049l')
    expect(before).to.not.include('RULE')
    expect(onScreen).to.include('\u001b[?25l').and.include('\u001b[?25h').and.include('s: by hit rate')
    expect(onScreen, 'NO_COLOR').to.not.include('\u001b[1m')
    expect(after).to.equal('')
    expect(code).to.equal(0)
    const types = { after: 'GET /customers/:id', text: CTRL_C }
    const interrupted = await cli(['top', '--every', '100ms'], { onTerminal: true, types })
    expect(interrupted.stdout).to.match(/\[\?1049l$/)
    expect(interrupted.code).to.equal(130)
  })

  it('says what is wrong, where, and how to mend it', async () => {
    const port = await freePort()
    const [nobody, wrong, noUrl] = await Promise.all([
      callCli(['stats', '--redis', `redis://:secret@127.0.0.1:${port}`]),
      callCli(['keys', '--redis', redisUrl.replace('//', '//nobody:secret@')]),
      runCli(['keys']),
    ])
    expect(nobody.stderr).to.match(
      /Redis at 127\.0\.0\.1:\d+ cannot be reached: nothing listens there\.\n {2}Start Redis/,
    )
    expect(wrong.stderr).to.include('does not take the user or the password')
    expect(noUrl.stderr).to.match(
      /no Redis is named\.\n {2}Add --redis redis:\/\/localhost:6379, or set REDIS_URL/,
    )
    for (const { code, stdout, stderr } of [nobody, wrong, noUrl]) {
      expect(code).to.equal(2)
      expect(stdout).to.equal('')
      expect(stderr).to.not.include('secret').and.not.include('    at ')
    }
  })
})

describe('express-cacheable on a Redis Cluster', () => {
  it('finds the cluster behind the URL of one of its servers', async function () {
    const cluster = await ownClusterForTests(this)
    const [url = ''] = cluster.urls
    const client = new Cluster([...cluster.nodes])
    const cache = createCache({
      redis: client,
      keyPrefix: 'crm:',
      deadlineMs: 5_000,
      logger: recordingLogger(),
    })
    try {
      await cache.ready()
      await cache.set('customer:1', 'Ada', 60)
      await cache.set('customer:2', 'Grace', 60)
      const cli = (...args: string[]) => callCli([...args, '--redis', url, '--prefix', 'crm:'])
      const [keys, get] = await Promise.all([cli('keys', '--names'), cli('get', 'customer:2')])
      expect(keys).to.deep.include({ code: 0, stdout: 'customer:1\ncustomer:2\n' })
      expect(get).to.deep.include({ code: 0, stdout: '"Grace"' })
      expect((await cli('evict', 'customer:*', '--yes')).stdout).to.equal('Removed 2 entries.\n')
      expect(await cache.get('customer:1')).to.equal(null)
    } finally {
      await cache.close()
      client.disconnect()
      await cluster.stop()
    }
  })
})

describe('the file of the command', () => {
  it('runs by itself, and has the version of the package', async () => {
    expect(await readFile(CLI, 'utf8')).to.match(/^#!\/usr\/bin\/env node\n/)
    const { version } = JSON.parse(await readFile('package.json', 'utf8'))
    const { code, stdout } = await runCli(['--version'])
    expect({ code, stdout }).to.deep.equal({ code: 0, stdout: `${version}\n` })
  })
})
