import { expect } from 'chai'
import { Redis } from 'ioredis'
import { ownRedisForTests, type RedisServer } from '../support/redis.js'
import {
  asDeveloped,
  compileApp,
  installApp,
  packTarball,
  removeDirectory,
  startApp,
  temporaryDirectory,
} from './stranger.js'

const AUTHORIZATION = { authorization: 'Bearer let-me-in' }

describe('the packed tarball, installed by a stranger', function () {
  // Installing from the registry may be slow.
  this.timeout(180_000)

  const directories: string[] = []
  let tarball: string

  before(async () => {
    const directory = await temporaryDirectory()
    directories.push(directory)
    tarball = await packTarball(directory)
  })

  after(async () => {
    await Promise.all(directories.map(removeDirectory))
  })

  async function install(app: string, packages: readonly string[]): Promise<string> {
    const directory = await temporaryDirectory()
    directories.push(directory)
    await installApp(app, { directory, tarball, packages })
    return directory
  }

  for (const version of ['5', '4']) {
    describe(`in plain JavaScript on Express ${version}, without ioredis`, () => {
      let directory: string

      before(async () => {
        directory = await install('plain', [`express@${version}`])
      })

      it('caches for an ES module', async () => {
        await cachesUntilTheWrite(directory, 'server.js')
      })

      it('caches for a CommonJS program that requires it', async () => {
        await cachesUntilTheWrite(directory, 'server.cjs')
      })
    })
  }

  it('caches for a TypeScript class with TC39 decorators, without ioredis and its types', async () => {
    const directory = await install('tc39', await asDeveloped('express', '@types/express', '@types/node'))
    await compileApp(directory)
    await cachesUntilTheWrite(directory, 'dist/server.js')
  })

  // The suites of Nest run on 12.
  for (const version of ['10', '11']) {
    it(`caches in Nest ${version} as a CommonJS program, and only for who is allowed in`, async () => {
      const nest = ['common', 'core', 'platform-express'].map((name) => `@nestjs/${name}@${version}`)
      const directory = await install('nest', [
        ...nest,
        ...(await asDeveloped('rxjs', '@types/express', '@types/node')),
      ])
      await compileApp(directory)
      await cachesUntilTheWrite(directory, 'dist/server.js', {}, async (url) => {
        expect((await fetch(`${url}/customers/42`)).status).to.equal(403)
        expect((await fetch(`${url}/customers/forty-two`, { headers: AUTHORIZATION })).status).to.equal(400)
      })
    })
  }

  describe('in routing-controllers over Redis', () => {
    let directory: string
    let redis: RedisServer

    before(async function () {
      redis = await ownRedisForTests(this)
      directory = await install(
        'routing-controllers',
        await asDeveloped(
          ...['express', 'routing-controllers', 'class-transformer', 'class-validator', 'ioredis'],
          ...['@types/express', '@types/node'],
        ),
      )
      await compileApp(directory)
    })

    after(() => redis?.stop())

    it('caches for a controller, and only for who is allowed in', async () => {
      await cachesUntilTheWrite(directory, 'dist/server.js', { REDIS_URL: redis.url }, async (url) => {
        expect((await fetch(`${url}/customers/42`)).status).to.be.oneOf([401, 403])
      })
      const client = new Redis(redis.url)
      const stored = await client.get('customer:42')
      client.disconnect()
      expect(JSON.parse(String(stored))).to.deep.equal({ id: '42', name: 'Grace', loads: 2 })
    })
  })
})

/** Every app serves the same two routes; `loads` in the answer counts the calls of its handler. */
async function cachesUntilTheWrite(
  directory: string,
  entry: string,
  env: NodeJS.ProcessEnv = {},
  whileCached: (url: string) => Promise<void> = async () => {},
): Promise<void> {
  const { url, app } = await startApp(directory, entry, env)
  try {
    const miss = await read(url)
    expect(miss).to.include({ status: 200, cache: 'MISS' })
    expect(JSON.parse(miss.body)).to.deep.equal({ id: '42', name: 'Ada', loads: 1 })
    expect(await read(url)).to.deep.equal({ ...miss, cache: 'HIT' })
    await whileCached(url)

    const write = await fetch(`${url}/customers/42`, {
      method: 'PUT',
      headers: { ...AUTHORIZATION, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Grace' }),
    })
    expect(write.status).to.equal(200)

    const reload = await read(url)
    expect(reload).to.include({ status: 200, cache: 'MISS' })
    expect(JSON.parse(reload.body)).to.deep.equal({ id: '42', name: 'Grace', loads: 2 })
    // A process that is killed takes with it what it had still to send.
    expect(await read(url)).to.deep.equal({ ...reload, cache: 'HIT' })
  } finally {
    await app.stop()
  }
}

async function read(url: string) {
  const answer = await fetch(`${url}/customers/42`, { headers: AUTHORIZATION })
  return {
    status: answer.status,
    cache: answer.headers.get('x-cache'),
    type: answer.headers.get('content-type'),
    body: await answer.text(),
  }
}
