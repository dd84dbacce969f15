import { expect } from 'chai'
import { createCache } from 'express-cacheable'
import { trackPrisma } from 'express-cacheable/prisma'
import { serversOfSuite } from '../../support/http.js'
import { postgresForTests } from '../../support/postgres.js'
import { recordingLogger } from '../../support/recording-logger.js'
import { articlesApp, EXTERNAL_KEYS } from './app.js'
import { beginning, evictionsOfRows } from './check-evictions.js'
import { type ArticlesDatabase, openArticles, TRACKED } from './database.js'
import type { Eviction } from './evictions.js'
import { walk } from './suite.js'

describe('the check of what the articles declare', function () {
  // It is all work, and takes a multiple of its time where others work beside it.
  this.timeout(300_000)
  const listen = serversOfSuite()
  let database: ArticlesDatabase
  before(async function () {
    const url = await postgresForTests(this)
    database = await openArticles(url)
  })
  after(() => database?.close())

  /** Which reads which writes forget, while the application's own tests run. */
  async function forgotten(declare: readonly Eviction[]): Promise<readonly string[]> {
    const cache = createCache({
      ...{ externalKeys: EXTERNAL_KEYS, dependencies: 'check', logger: recordingLogger() },
    })
    const app = articlesApp({ prisma: database.makePrisma(trackPrisma(cache, TRACKED)), cache, declare })
    await cache.ready(app)
    const found = new Set<string>()
    const renew = async () => {
      // A write with no eviction left is of no rule, and what it forgets is told until something else removes it.
      for (const { write, key } of cache.forgotten()) found.add(`${write} forgets ${beginning(key)}`)
      await database.renew()
      await cache.deletePattern('*')
    }
    // With an eviction taken out, some of the tests fail, as answers are old: the check is asked, not they.
    await walk({ url: await listen(app), isCached: true, checksChanges: false, renew })
    await renew()
    await cache.close()
    return [...found].sort()
  }

  const all = evictionsOfRows()

  it('names nothing with all in place', async () => {
    expect(await forgotten(all)).to.deep.equal([])
  })

  // Evictions of one write come to other entries each, so each is taken out with every other one beside it.
  for (const [nth, which] of ['the even ones', 'the odd ones'].entries()) {
    it(`names each eviction that was taken out: ${which}`, async () => {
      const out = all.filter((_, index) => index % 2 === nth)
      const left = new Set(all.filter((one) => !out.includes(one)).map(({ write }) => write))
      const expected = out.map(
        ({ write, pattern }) => `${left.has(write) ? write : null} forgets ${beginning(pattern)}`,
      )
      expect(await forgotten(all.filter((one) => !out.includes(one)))).to.deep.equal(expected.sort())
    })
  }
})
