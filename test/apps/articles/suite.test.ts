import { expect } from 'chai'
import { createCache } from 'express-cacheable'
import { trackPrisma } from 'express-cacheable/prisma'
import { serversOfSuite } from '../../support/http.js'
import { postgresForTests } from '../../support/postgres.js'
import { articlesApp, EXTERNAL_KEYS } from './app.js'
import { type ArticlesDatabase, openArticles, TRACKED } from './database.js'
import { evictionsOf } from './evictions.js'
import { walk } from './suite.js'

describe('the articles of its own tests', function () {
  // It is all work, and takes a multiple of its time where others work beside it.
  this.timeout(300_000)
  const listen = serversOfSuite()
  let database: ArticlesDatabase
  before(async function () {
    const url = await postgresForTests(this)
    database = await openArticles(url)
  })
  after(() => database?.close())

  it('are right without a cache', async () => {
    const app = articlesApp({ prisma: database.makePrisma(), cache: null, declare: 'nothing' })
    await walk({ url: await listen(app), isCached: false, renew: () => database.renew() })
  })

  it('are right with a cache, be all evictions declared, or none and the client followed', async () => {
    for (const { declare, isTracked } of [
      { declare: evictionsOf('all'), isTracked: false },
      { declare: evictionsOf('nothing'), isTracked: true },
    ]) {
      const cache = createCache({ externalKeys: EXTERNAL_KEYS })
      const prisma = database.makePrisma(isTracked ? trackPrisma(cache, TRACKED) : undefined)
      const url = await listen(articlesApp({ prisma, cache, declare }))
      const renew = async () => {
        await database.renew()
        await cache.deletePattern('*')
      }
      await walk({ url, isCached: true, renew })
      // Each write begins with an empty cache, and finds in it what was read before the write.
      expect(cache.stats().hits).to.be.above(100)
      await cache.close()
    }
  })
})
