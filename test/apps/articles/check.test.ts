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
    const renew = async () => {
      await database.renew()
      await cache.deletePattern('*')
    }
    // With an eviction taken out, some of the tests fail, as answers are old: the check is asked, not they.
    await walk({ url: await listen(app), isCached: true, checksChanges: false, renew })
    const found = cache.forgotten().map(({ write, key }) => `${write} forgets ${beginning(key)}`)
    await cache.close()
    return [...new Set(found)].sort()
  }

  const all = evictionsOfRows()

  it('names nothing with all in place', async () => {
    expect(await forgotten(all)).to.deep.equal([])
  })
})
