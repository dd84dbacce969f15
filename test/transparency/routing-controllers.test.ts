import 'reflect-metadata'
import { expect } from 'chai'
import type { NextFunction, Request, Response } from 'express'
import { Cacheable, CacheEvict, createCache } from 'express-cacheable'
import { registerControllers } from 'express-cacheable/routing-controllers'
import {
  Delete,
  Get,
  JsonController,
  OnUndefined,
  Param,
  Put,
  Req,
  Res,
  UseInterceptor,
} from 'routing-controllers'
import { answerOf } from '../support/answer-of.js'
import { gate } from '../support/gate.js'
import { listen } from '../support/http.js'
import { quietExpress } from '../support/quiet-express.js'
import { openRaw } from '../support/raw-http.js'
import { recordingLogger } from '../support/recording-logger.js'
import { until } from '../support/until.js'

const steps: { arrived?: () => void; committed?: Promise<void> } = {}

@JsonController('/docs')
class DocsController {
  @Get('/:id')
  @Cacheable('doc:{id}', 60)
  async one(@Param('id') id: string, @Req() req: Request, @Res() res: Response) {
    // What asks no more of an action than this leaves the answer to what stands behind.
    if (id === '1') return { id }
    req.next?.()
    return res
  }

  @Delete('/:id')
  @CacheEvict('doc:{id}')
  async forget(@Param('id') _id: string) {}

  @Delete('/:id/quietly')
  @OnUndefined(204)
  @CacheEvict('doc:{id}')
  async forgetQuietly(@Param('id') _id: string) {}

  @Delete('/:id/intercepted')
  @UseInterceptor(() => ({ done: true }))
  @CacheEvict('doc:{id}')
  async forgetIntercepted(@Param('id') _id: string) {}

  @Put('/:id')
  @CacheEvict('doc:{id}')
  async change(@Param('id') id: string, @Req() req: Request) {
    steps.arrived?.()
    await new Promise((resolve) => req.res?.once('close', resolve))
    await steps.committed
    return { id }
  }
}

describe('behind routing-controllers', () => {
  async function serve() {
    const logger = recordingLogger()
    const cache = createCache({ logger, leaseMs: 60_000 })
    const evicted: string[] = []
    cache.observe((event) => {
      if (event.type === 'evict') evicted.push(...event.targets)
    })
    const app = quietExpress()
    registerControllers(app, cache, { controllers: [DocsController] })
    app.get('/docs/:id', (req: Request, res: Response, next: NextFunction) => {
      if (req.get('x-member')) res.json({ secret: true })
      else next(Object.assign(new Error('not for you'), { status: 401 }))
    })
    const server = await listen(app)
    return {
      ...{ cache, logger, evicted, url: server.url },
      async close() {
        await server.close()
        await cache.close()
      },
    }
  }

  it('keeps an answer that another route has given from everybody else', async () => {
    const { url, cache, close } = await serve()
    expect((await answerOf(`${url}/docs/2`, { headers: { 'x-member': '1' } })).text).to.equal(
      '{"secret":true}',
    )
    expect(await cache.get('doc:2')).to.equal(null)
    await answerOf(`${url}/docs/1`)
    expect((await answerOf(`${url}/docs/1`)).xCache).to.equal('HIT')
    await close()
  })

  it('warns at start of a write that can only answer 404, and counts it', async () => {
    const { url, cache, logger, evicted, close } = await serve()
    const warnings = logger.at('warn').filter((line) => line.includes('evicts nothing'))
    expect(warnings).to.have.lengthOf(1)
    expect(warnings[0])
      .to.include('DocsController.forget on DELETE /docs/:id')
      .and.to.include('@OnUndefined(204)')
    expect((await answerOf(`${url}/docs/1`, { method: 'DELETE' })).status).to.equal(404)
    expect([cache.stats().failedWrites, evicted]).to.deep.equal([1, []])
    expect((await answerOf(`${url}/docs/1/quietly`, { method: 'DELETE' })).status).to.equal(204)
    expect(evicted).to.deep.equal(['doc:1'])
    await close()
  })

  it('evicts again once an action is done whose client has gone', async () => {
    const { url, evicted, close } = await serve()
    const [arrived, committed] = [gate(), gate()]
    steps.arrived = arrived.open
    steps.committed = committed.wait
    const socket = await openRaw(url, { method: 'PUT', target: '/docs/1' })
    await arrived.wait
    socket.destroy()
    await until('the eviction at its close', () => evicted.length === 1)
    committed.open()
    await until('the eviction after its commit', () => evicted.length >= 2)
    await close()
  })
})
