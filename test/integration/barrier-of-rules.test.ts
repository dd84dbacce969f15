import 'reflect-metadata'
import { Controller as NestController, Put as NestPut } from '@nestjs/common'
import { expect } from 'chai'
import type { Request, Response } from 'express'
import { type Cache, type CacheEvent, CacheEvict, createCache } from 'express-cacheable'
import { registerControllers } from 'express-cacheable/routing-controllers'
import { JsonController, Put } from 'routing-controllers'
import { partsOf } from '#src/cache-parts.js'
import type { BarrierOptions } from '#src/dependencies/followed-database.js'
import { answerOf } from '../support/answer-of.js'
import { FakeFollowedDatabase } from '../support/fake-followed-database.js'
import { serversOfSuite } from '../support/http.js'
import { startNest } from '../support/nest-app.js'
import { quietExpress } from '../support/quiet-express.js'
import { recordingLogger } from '../support/recording-logger.js'
import { until } from '../support/until.js'

/** What the writes of a test change. */
let crm: FakeFollowedDatabase

class Rows {
  @CacheEvict('row')
  write(_req: Request, res: Response) {
    crm.commit()
    res.json({})
  }
}

@JsonController('/row')
class RoutedRows {
  @Put('/')
  @CacheEvict('row')
  write() {
    crm.commit()
    return {}
  }
}

@NestController('/row')
class NestRows {
  @NestPut()
  @CacheEvict('row')
  write() {
    crm.commit()
    return {}
  }
}

describe('a followed database that all rules which write wait for', () => {
  const listen = serversOfSuite()
  let cache: Cache
  let events: CacheEvent['type'][]
  const closers: (() => Promise<void>)[] = []
  beforeEach(() => {
    crm = new FakeFollowedDatabase()
    cache = createCache({ logger: recordingLogger(), deadlineMs: 60_000, externalKeys: ['row'] })
    events = []
    cache.observe(({ type }) => events.push(type))
  })
  afterEach(async () => {
    for (const close of closers.splice(0)) await close()
    await cache.close()
  })

  const follow = (options: BarrierOptions) => partsOf(cache).followed.add(crm, options)

  /** Writes, and looks that the answer comes with the database and not before. */
  async function expectHeld(url: string): Promise<void> {
    let isAnswered = false
    const answered = answerOf(url, { method: 'PUT' }).finally(() => {
      isAnswered = true
    })
    await until('it to wait', () => crm.asked.length === 2)
    expect([crm.asked, isAnswered]).to.deep.equal([['position', 'passed 1'], false])
    crm.catchUp()
    expect((await answered).status).to.equal(200)
  }

  it('holds cache.evict behind its own evictions', async () => {
    follow({ barrier: true })
    const app = quietExpress()
    app.get('/row', cache.cacheable('row', 60), (_req, res) => void res.json({}))
    app.put('/row', cache.evict('row'), (_req, res) => {
      crm.commit()
      res.json({})
    })
    await cache.ready(app)
    await expectHeld(`${await listen(app)}/row`)
    expect(events).to.deep.equal(['evict', 'barrier'])
  })

  it('holds cache.put, and a rule that evicts nothing this time', async () => {
    follow({ barrier: true })
    const app = quietExpress()
    app.put('/row', cache.put('row', 60), (_req, res) => {
      crm.commit()
      res.json({})
    })
    app.put('/other', cache.evict('row', { condition: () => false }), (_req, res) => void res.json({}))
    await cache.ready(app)
    const url = await listen(app)
    await expectHeld(`${url}/row`)
    crm.asked.length = 0
    await answerOf(`${url}/other`, { method: 'PUT' })
    expect(crm.asked).to.deep.equal(['position', 'passed 1'])
  })

  it('holds no rule where it does not ask for that', async () => {
    follow({})
    const app = quietExpress()
    app.put('/row', cache.evict('row'), (_req, res) => void res.json({}))
    app.get('/row', cache.cacheable('row', 60), (_req, res) => void res.json({}))
    await cache.ready(app)
    await answerOf(`${await listen(app)}/row`, { method: 'PUT' })
    expect(crm.asked).to.deep.equal([])
  })

  it('holds what decorators say', async () => {
    follow({ barrier: true })
    const app = quietExpress()
    app.get('/row', cache.cacheable('row', 60), (_req, res) => void res.json({}))
    app.put('/row', cache.handlers(new Rows()).write)
    await expectHeld(`${await listen(app)}/row`)
  })

  it('holds what a controller of routing-controllers answers', async () => {
    follow({ barrier: true })
    const app = quietExpress()
    registerControllers(app, cache, { controllers: [RoutedRows], defaultErrorHandler: false })
    await expectHeld(`${await listen(app)}/row`)
  })

  it('holds what a controller of Nest answers', async () => {
    follow({ barrier: true })
    const nest = await startNest(cache, { controllers: [NestRows] })
    closers.push(() => nest.close())
    await expectHeld(`${nest.url}/row`)
  })
})
