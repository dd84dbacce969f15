import 'reflect-metadata'
import {
  type ArgumentsHost,
  BadRequestException,
  Body,
  type CallHandler,
  type CanActivate,
  Catch,
  Controller,
  createParamDecorator,
  Delete,
  type ExecutionContext,
  ForbiddenException,
  Get,
  HttpCode,
  Next,
  Param,
  ParseIntPipe,
  Post,
  Put,
  Query,
  Req,
  Res,
  UseFilters,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common'
import { expect } from 'chai'
import type { NextFunction, Request, Response } from 'express'
import { Cacheable, CacheEvict, CachePut } from 'express-cacheable'
import { Cache } from 'express-cacheable/nest'
import { map, type Observable, of, retry, tap, timeout } from 'rxjs'
import { partsOf } from '#src/cache-parts.js'
import { answerOf } from '../support/answer-of.js'
import { type NestApp, startNest } from '../support/nest-app.js'
import { type ObservedCache, onEachStore } from '../support/on-each-store.js'
import { until } from '../support/until.js'

interface User {
  readonly id: number
  readonly role: string
}

const USERS: Readonly<Record<string, User>> = {
  one: { id: 1, role: 'sales' },
  boss: { id: 2, role: 'admin' },
}
const calls: string[] = []
const seen: string[] = []
let failures = 0

class MemberGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const req = context.switchToHttp().getRequest()
    req.user = USERS[req.headers.authorization ?? '']
    return req.user !== undefined
  }
}

class AdminPipe {
  transform(value: User): User {
    if (value.role !== 'admin') throw new ForbiddenException()
    return value
  }
}

const CurrentUser = createParamDecorator(
  (_data: unknown, context: ExecutionContext): User => context.switchToHttp().getRequest().user,
)

@Catch(BadRequestException)
class CoveringFilter {
  catch(_error: unknown, host: ArgumentsHost) {
    host.switchToHttp().getResponse<Response>().status(200).json({ id: 78, name: 'covered' })
  }
}

class WatchInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    seen.push('before')
    return next.handle().pipe(
      timeout(5_000),
      tap({
        next: () => seen.push('value'),
        complete: () => seen.push('end'),
        finalize: () => seen.push('over'),
      }),
    )
  }
}

class WrapInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((items: unknown[]) => ({ count: items.length, items })))
  }
}

class RetryInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(retry(1))
  }
}

@Controller('customers')
class CustomerController {
  @Get('mine')
  @UseGuards(MemberGuard)
  @Cacheable('mine:{user.id}', 60)
  mine(@CurrentUser() user: User) {
    calls.push('mine')
    return { owner: user.id }
  }

  @Get('secret')
  @UseGuards(MemberGuard)
  @Cacheable('secret', 60)
  secret() {
    calls.push('secret')
    return { secret: true }
  }

  @Get('for-admins')
  @UseGuards(MemberGuard)
  @Cacheable('for-admins', 60)
  forAdmins(@CurrentUser(new AdminPipe()) _user: User) {
    calls.push('for-admins')
    return { admins: true }
  }

  @Get('wrapped')
  @Cacheable('wrapped', 60)
  @UseInterceptors(WatchInterceptor, WrapInterceptor)
  wrapped() {
    calls.push('wrapped')
    return [1]
  }

  @Get('observed')
  @Cacheable('observed', 60)
  observed(): Observable<unknown> {
    calls.push('observed')
    return of({ observed: true })
  }

  @Get('retried')
  @Cacheable('retried', 60)
  @UseInterceptors(RetryInterceptor)
  async retried() {
    calls.push('retried')
    failures++
    if (failures === 1) throw new Error('once')
    return { tries: failures }
  }

  @Get('handed-on/:id')
  @Cacheable('handed-on:{id}', 60)
  handedOn(@Param('id') id: string, @Req() _req: Request, @Res() res: Response, @Next() next: NextFunction) {
    calls.push('handed-on')
    if (id === '1') res.json({ id })
    else next()
  }

  @Get('handed-on/:id')
  behind(@Param('id') id: string) {
    return { behind: id }
  }

  @Get(':id')
  @Cacheable('customer:{id}:{page|=1}', '10m')
  async one(@Param('id', ParseIntPipe) id: number, @Query('page') page?: string) {
    calls.push('one')
    if (id === 400) throw new BadRequestException('no such number')
    return { id, page: page ?? '1' }
  }

  @Post()
  @CachePut('customer:{result.id}:1', '10m')
  create(@Body() body: { name: string }) {
    return { id: 77, name: body.name }
  }

  @Post('covered')
  @UseFilters(CoveringFilter)
  @CachePut('customer:78:1', '10m')
  covered() {
    throw new BadRequestException('covered')
  }

  @Get('stale/:id')
  @Cacheable('stale:{id}', '100ms', { staleWhileRevalidate: 60 })
  stale(@Param('id') id: string) {
    calls.push('stale')
    return { id, load: calls.length }
  }

  @Put(':id')
  @UseGuards(MemberGuard)
  @CacheEvict(['customer:{id}:*', 'mine:{user.id}'])
  update(@Param('id', ParseIntPipe) id: number) {
    if (id === 400) throw new BadRequestException('refused')
    return { id }
  }

  @Delete(':id')
  @HttpCode(204)
  @CacheEvict('customer:{id}:*')
  remove(@Param('id', ParseIntPipe) _id: number) {}
}

/** Guards leave the user where no `req.user` is. */
class TokenGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const req = context.switchToHttp().getRequest()
    req.auth = { sub: req.headers.authorization }
    context.switchToHttp().getResponse().locals.site = req.headers['x-site']
    return true
  }
}

@Controller()
@UseGuards(TokenGuard)
class FeedController {
  @Get('feed')
  @Cacheable('feed:{user}:{locals.site|none}', { ttl: 60, visibility: 'user' })
  feed() {
    return {}
  }

  @Get('inbox')
  @Cacheable((req) => ['inbox', subOf(req)], { ttl: 60, visibility: 'user' })
  inbox() {
    return {}
  }

  @Put('feed')
  @CacheEvict(['feed:{user}:*', 'inbox:{auth.sub}'])
  write() {
    return {}
  }
}

function subOf(req: Request): unknown {
  return (req as Request & { auth?: { sub?: unknown } }).auth?.sub
}

onEachStore('Nest', (makeCache) => {
  let nest: NestApp
  let observed: ObservedCache
  beforeEach(async () => {
    calls.length = 0
    seen.length = 0
    failures = 0
    observed = makeCache()
    nest = await startNest(observed.cache, {
      controllers: [CustomerController],
      options: { keepOpen: true },
    })
  })
  afterEach(() => nest.close())

  const ask = (path: string, as = '', init: RequestInit = {}) =>
    answerOf(nest.url + path, {
      ...init,
      headers: { ...(as ? { authorization: as } : {}), 'content-type': 'application/json' },
    })

  it('knows by createCache({ user }) whom guards have found, and what else they leave', async () => {
    const { cache } = makeCache({ user: subOf })
    const own = await startNest(cache, { controllers: [FeedController], options: { keepOpen: true } })
    try {
      const state = async (path: string, as: string, site?: string, method = 'GET') => {
        const headers = { ...(as ? { authorization: as } : {}), ...(site ? { 'x-site': site } : {}) }
        return (await answerOf(own.url + path, { method, headers })).xCache
      }
      expect(await state('/feed', 'ada')).to.equal('MISS')
      expect(await state('/feed', 'ada')).to.equal('HIT')
      expect(await state('/feed', 'ada', 'none')).to.equal('MISS')
      expect(await state('/feed', 'bob')).to.equal('MISS')
      expect(await state('/feed', '')).to.equal('BYPASS')
      expect(await state('/inbox', 'ada')).to.equal('MISS')
      expect(await state('/inbox', 'bob')).to.equal('MISS')
      await state('/feed', 'ada', undefined, 'PUT')
      expect([await state('/feed', 'ada'), await state('/inbox', 'ada')]).to.deep.equal(['MISS', 'MISS'])
      expect([await state('/feed', 'bob'), await state('/inbox', 'bob')]).to.deep.equal(['HIT', 'HIT'])
      expect(await cache.get('feed:ada:|none')).to.deep.equal({})
    } finally {
      await own.close()
    }
  })

  it('gives a hit to whom guards let in, and to nobody else', async () => {
    expect((await ask('/customers/secret', 'boss')).xCache).to.equal('MISS')
    const hit = await ask('/customers/secret', 'one')
    expect([hit.xCache, hit.text]).to.deep.equal(['HIT', '{"secret":true}'])
    for (const as of ['', 'nobody']) {
      const refused = await ask('/customers/secret', as)
      expect([refused.status, refused.xCache], as).to.deep.equal([403, null])
      expect(refused.text).not.to.contain('secret')
    }
    expect(calls).to.deep.equal(['secret'])
  })

  it('stores nothing for whom a guard refuses, and looks nothing up', async () => {
    await ask('/customers/secret')
    expect(
      observed.events.filter(({ type }) => ['hit', 'miss', 'bypass', 'fill'].includes(type)),
    ).to.deep.equal([])
    expect(await observed.cache.get('secret')).to.equal(null)
  })

  it('gives no hit to whom a pipe or a decorator of parameters refuses', async () => {
    expect((await ask('/customers/for-admins', 'boss')).xCache).to.equal('MISS')
    expect((await ask('/customers/for-admins', 'boss')).xCache).to.equal('HIT')
    const refused = await ask('/customers/for-admins', 'one')
    expect([refused.status, refused.xCache]).to.deep.equal([403, null])
  })

  it('keys by the argument that pipes have made, so texts that give one argument share an entry', async () => {
    for (const path of ['/customers/5', '/customers/05', '/customers/5?page=1']) await ask(path)
    expect(calls).to.deep.equal(['one'])
    expect((await ask('/customers/5')).text).to.equal('{"id":5,"page":"1"}')
    await ask('/customers/5?page=2')
    expect(calls).to.deep.equal(['one', 'one'])
  })

  it('answers bad arguments and thrown exceptions as without a cache, and stores none', async () => {
    for (let time = 0; time < 2; time++) {
      expect((await ask('/customers/none')).status).to.equal(400)
      const thrown = await ask('/customers/400')
      expect([thrown.status, thrown.xCache]).to.deep.equal([400, 'MISS'])
    }
    expect(calls).to.deep.equal(['one', 'one'])
    expect(await observed.cache.get('customer:400:1')).to.equal(null)
  })

  it("keeps one person's answer from another", async () => {
    expect((await ask('/customers/mine', 'one')).text).to.equal('{"owner":1}')
    expect((await ask('/customers/mine', 'boss')).text).to.equal('{"owner":2}')
    expect((await ask('/customers/mine', 'one')).xCache).to.equal('HIT')
    expect((await ask('/customers/mine')).status).to.equal(403)
  })

  it('stores what interceptors made of it, and on a hit they get nothing and hear the end', async () => {
    const miss = await ask('/customers/wrapped')
    expect(seen).to.deep.equal(['before', 'value', 'end', 'over'])
    seen.length = 0
    const hit = await ask('/customers/wrapped')
    expect([miss.text, hit.text]).to.deep.equal(['{"count":1,"items":[1]}', '{"count":1,"items":[1]}'])
    expect([miss.xCache, hit.xCache]).to.deep.equal(['MISS', 'HIT'])
    expect(calls).to.deep.equal(['wrapped'])
    expect(seen).to.deep.equal(['before', 'end', 'over'])
  })

  it('stores what an observable gives', async () => {
    await ask('/customers/observed')
    const hit = await ask('/customers/observed')
    expect([hit.xCache, hit.text, calls]).to.deep.equal(['HIT', '{"observed":true}', ['observed']])
  })

  it('loads once where an interceptor tries again', async () => {
    const miss = await ask('/customers/retried')
    expect([miss.status, miss.text, miss.xCache]).to.deep.equal([200, '{"tries":2}', 'MISS'])
    expect((await ask('/customers/retried')).xCache).to.equal('HIT')
    expect(calls).to.deep.equal(['retried', 'retried'])
  })

  it('stores nothing of what answers behind a method that goes on', async () => {
    await ask('/customers/handed-on/1')
    expect((await ask('/customers/handed-on/1')).xCache).to.equal('HIT')
    expect((await ask('/customers/handed-on/2')).text).to.equal('{"behind":"2"}')
    expect(await observed.cache.get('handed-on:2')).to.equal(null)
  })

  it('evicts after a successful write and not after a failed one', async () => {
    await ask('/customers/5')
    expect((await ask('/customers/400', 'boss', { method: 'PUT' })).status).to.equal(400)
    expect((await ask('/customers/none', 'boss', { method: 'PUT' })).status).to.equal(400)
    expect((await ask('/customers/5', '', { method: 'PUT' })).status).to.equal(403)
    expect((await ask('/customers/5')).xCache).to.equal('HIT')
    expect((await ask('/customers/5', 'boss', { method: 'PUT' })).text).to.equal('{"id":5}')
    expect((await ask('/customers/5')).xCache).to.equal('MISS')
    expect((await ask('/customers/5', '', { method: 'DELETE' })).status).to.equal(204)
    expect((await ask('/customers/5')).xCache).to.equal('MISS')
  })

  it("makes a creation's answer the entry", async () => {
    const created = await ask('/customers', '', { method: 'POST', body: '{"name":"A"}' })
    expect([created.status, created.text]).to.deep.equal([201, '{"id":77,"name":"A"}'])
    const read = await ask('/customers/77')
    expect([read.status, read.xCache, read.text]).to.deep.equal([200, 'HIT', '{"id":77,"name":"A"}'])
  })

  it('makes no entry of what a filter answers for an exception', async () => {
    expect((await ask('/customers/covered', '', { method: 'POST' })).text).to.contain('"covered"')
    expect(await observed.cache.get('customer:78:1')).to.equal(null)
  })

  it('reloads behind a stale answer, on the same way through the application', async () => {
    await ask('/customers/stale/1')
    await until('a stale answer', async () => (await ask('/customers/stale/1')).xCache === 'STALE')
    await until('the reload', async () => (await ask('/customers/stale/1')).text !== '{"id":"1","load":1}')
  })

  it('loads once for all who ask at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask('/customers/6')))
    expect(new Set(answers.map(({ text }) => text))).to.deep.equal(new Set(['{"id":6,"page":"1"}']))
    expect(calls).to.deep.equal(['one'])
  })

  it('gives the cache to whoever wants it injected', () => {
    expect(nest.app.get(Cache, { strict: false })).to.equal(observed.cache)
    expect(
      partsOf(observed.cache)
        .registry.list()
        .map(({ where }) => where),
    ).to.include('CustomerController.one')
  })
})
