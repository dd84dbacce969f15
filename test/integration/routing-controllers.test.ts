import 'reflect-metadata'
import { expect } from 'chai'
import { Cacheable, CacheError, CacheEvict, CachePut } from 'express-cacheable'
import { registerControllers } from 'express-cacheable/routing-controllers'
import {
  type Action,
  Authorized,
  BadRequestError,
  Body,
  CurrentUser,
  Delete,
  Get,
  HttpCode,
  JsonController,
  Param,
  Post,
  Put,
  QueryParam,
  type RoutingControllersOptions,
  UseAfter,
  UseInterceptor,
} from 'routing-controllers'
import { partsOf } from '#src/cache-parts.js'
import { answerOf } from '../support/answer-of.js'
import { type Listening, listen } from '../support/http.js'
import { type ObservedCache, onEachStore } from '../support/on-each-store.js'
import { quietExpress } from '../support/quiet-express.js'

interface User {
  readonly id: number
  readonly role: string
}

const USERS: Readonly<Record<string, User>> = {
  one: { id: 1, role: 'sales' },
  boss: { id: 2, role: 'admin' },
}
const calls: string[] = []
let afterwards = 0

function userOf({ request }: Action): User | undefined {
  return USERS[request.headers.authorization ?? '']
}

class CustomerBody {
  name!: string
}

@JsonController('/customers')
class CustomerController {
  @Get('/mine')
  @Authorized()
  @Cacheable('mine:{user.id}', 60)
  mine(@CurrentUser() user: User) {
    calls.push('mine')
    return { owner: user.id }
  }

  @Get('/unasked')
  @Cacheable('unasked:{user.id}', 60)
  unasked() {
    calls.push('unasked')
    return { any: true }
  }

  @Get('/wrapped')
  @Cacheable('wrapped', 60)
  @UseInterceptor((_action: Action, content: unknown) => ({ content }))
  @UseAfter((_req: unknown, _res: unknown, next: () => void) => {
    afterwards++
    next()
  })
  wrapped() {
    calls.push('wrapped')
    return [1]
  }

  @Get('/:id')
  @Authorized('admin')
  @Cacheable('customer:{id}:{page|=1}', '10m')
  async one(@Param('id') id: number, @QueryParam('page') page?: number) {
    calls.push('one')
    if (id === 400) throw new BadRequestError('no such number')
    return { id, page: page ?? 1 }
  }

  @Post('/')
  @HttpCode(201)
  @CachePut('customer:{result.id}:1', '10m')
  create(@Body() body: CustomerBody) {
    return { id: 77, name: body.name }
  }

  @Put('/:id')
  @CacheEvict(['customer:{id}:*', 'mine:{user.id}'])
  update(@Param('id') id: number) {
    if (id === 400) throw new BadRequestError('refused')
    return { id }
  }

  @Delete('/:id')
  @HttpCode(204)
  @CacheEvict('customer:{id}:*')
  remove(@Param('id') _id: number) {
    return null
  }
}

const OPTIONS: RoutingControllersOptions = {
  controllers: [CustomerController],
  authorizationChecker: (action, roles) => {
    const user = userOf(action)
    return user !== undefined && (roles.length === 0 || roles.includes(user.role))
  },
  currentUserChecker: userOf,
  development: false,
}

onEachStore('routing-controllers', (makeCache) => {
  let server: Listening
  let observed: ObservedCache
  beforeEach(async () => {
    calls.length = 0
    afterwards = 0
    observed = makeCache()
    const app = registerControllers(quietExpress(), observed.cache, OPTIONS)
    await observed.cache.ready(app)
    server = await listen(app)
  })
  afterEach(() => server.close())

  const ask = (path: string, as = '', init: RequestInit = {}) =>
    answerOf(server.url + path, {
      ...init,
      headers: { ...(as ? { authorization: as } : {}), 'content-type': 'application/json' },
    })

  it('gives a hit to whom the route lets in, and to nobody else', async () => {
    expect((await ask('/customers/5', 'boss')).xCache).to.equal('MISS')
    const hit = await ask('/customers/5', 'boss')
    expect([hit.xCache, hit.text]).to.deep.equal(['HIT', '{"id":5,"page":1}'])
    for (const [as, status] of [
      ['', 403],
      ['one', 403],
      ['nobody', 403],
    ] as const) {
      const refused = await ask('/customers/5', as)
      expect([refused.status, refused.xCache], as).to.deep.equal([status, null])
      expect(refused.text).not.to.contain('"id":5')
    }
    expect(calls).to.deep.equal(['one'])
  })

  it('keys by the argument, so texts that give one argument share an entry', async () => {
    for (const path of ['/customers/5', '/customers/05', '/customers/5?page=1']) await ask(path, 'boss')
    expect(calls).to.deep.equal(['one'])
    await ask('/customers/5?page=2', 'boss')
    expect(calls).to.deep.equal(['one', 'one'])
  })

  it('answers bad arguments and thrown errors as without a cache, and stores none', async () => {
    for (let time = 0; time < 2; time++) {
      expect((await ask('/customers/none', 'boss')).status).to.equal(400)
      expect((await ask('/customers/400', 'boss')).status).to.equal(400)
    }
    expect(calls).to.deep.equal(['one', 'one'])
  })

  it("keeps one person's answer from another", async () => {
    expect((await ask('/customers/mine', 'one')).text).to.equal('{"owner":1}')
    expect((await ask('/customers/mine', 'boss')).text).to.equal('{"owner":2}')
    expect((await ask('/customers/mine', 'one')).xCache).to.equal('HIT')
    expect((await ask('/customers/mine')).status).to.equal(401)
  })

  it('asks who is signed in where the method does not, and bypasses for nobody', async () => {
    expect((await ask('/customers/unasked', 'one')).xCache).to.equal('MISS')
    expect((await ask('/customers/unasked', 'one')).xCache).to.equal('HIT')
    expect((await ask('/customers/unasked', 'boss')).xCache).to.equal('MISS')
    expect((await ask('/customers/unasked')).xCache).to.equal('BYPASS')
  })

  it('stores what interceptors made of it, runs none on a hit, and what comes after still runs', async () => {
    const miss = await ask('/customers/wrapped')
    const hit = await ask('/customers/wrapped')
    expect([miss.text, hit.text]).to.deep.equal(['{"content":[1]}', '{"content":[1]}'])
    expect([miss.xCache, hit.xCache]).to.deep.equal(['MISS', 'HIT'])
    expect(calls).to.deep.equal(['wrapped'])
    expect(afterwards).to.equal(2)
  })

  it('evicts after a successful write and not after a failed one', async () => {
    await ask('/customers/5', 'boss')
    await ask('/customers/400', 'boss')
    expect((await ask('/customers/400', 'boss', { method: 'PUT' })).status).to.equal(400)
    expect((await ask('/customers/5', 'boss')).xCache).to.equal('HIT')
    expect((await ask('/customers/5', 'boss', { method: 'PUT' })).text).to.equal('{"id":5}')
    expect((await ask('/customers/5', 'boss')).xCache).to.equal('MISS')
    expect((await ask('/customers/5', 'boss', { method: 'DELETE' })).status).to.equal(204)
    expect((await ask('/customers/5', 'boss')).xCache).to.equal('MISS')
  })

  it("makes a creation's answer the entry", async () => {
    const created = await ask('/customers', '', { method: 'POST', body: '{"name":"A"}' })
    expect([created.status, created.text]).to.deep.equal([201, '{"id":77,"name":"A"}'])
    const read = await ask('/customers/77', 'boss')
    expect([read.status, read.xCache, read.text]).to.deep.equal([200, 'HIT', '{"id":77,"name":"A"}'])
  })

  it('tells what a write of a controller has forgotten', async () => {
    const { cache } = makeCache({ dependencies: 'check' })
    const parts = partsOf(cache)
    parts.track()
    @JsonController('/tagged')
    class TaggedController {
      @Get('/:id')
      @Cacheable('tagged:{id}', 60)
      one(@Param('id') id: string) {
        cache.tag('row:7')
        return { id }
      }

      @Put('/:id')
      @CacheEvict('tagged:{id}:old', { dependencies: 'check' })
      async update(@Param('id') id: string) {
        await parts.derived.committed(['row:7'], await parts.derived.prepare(['row:7']))
        return { id }
      }
    }
    cache.cacheable('tagged:{id}:old', 60)
    const app = registerControllers(quietExpress(), cache, { controllers: [TaggedController] })
    await cache.ready(app)
    const tagged = await listen(app)
    try {
      await answerOf(`${tagged.url}/tagged/7`)
      expect((await answerOf(`${tagged.url}/tagged/7`)).xCache).to.equal('HIT')
      await answerOf(`${tagged.url}/tagged/7`, { method: 'PUT' })
      expect(cache.forgotten()).to.deep.equal([
        { write: 'PUT /tagged/:id', tags: ['row:7'], key: 'tagged:7', read: 'GET /tagged/:id' },
      ])
    } finally {
      await tagged.close()
    }
  })

  it('refuses at registration a placeholder that is neither an argument nor a path parameter', () => {
    @JsonController('/wrong')
    class WrongController {
      @Get('/:id')
      @Cacheable('wrong:{ident}', 60)
      one(@Param('id') id: string) {
        return { id }
      }
    }
    const { cache } = makeCache()
    const register = () => registerControllers(quietExpress(), cache, { controllers: [WrongController] })
    expect(register)
      .to.throw(
        CacheError,
        /WrongController\.one: \{ident\} in 'wrong:\{ident\}' is no parameter of GET \/wrong\/:id\. It has \{id\}/,
      )
      .with.property('code', 'E_CACHE_SOURCE')
  })

  it('refuses at registration to look up a write', () => {
    @JsonController('/wrong')
    class WriteController {
      @Post('/')
      @Cacheable('wrong', 60)
      create() {
        return {}
      }
    }
    const { cache } = makeCache()
    expect(() => registerControllers(quietExpress(), cache, { controllers: [WriteController] }))
      .to.throw(CacheError, /WriteController\.create/)
      .with.property('code', 'E_CACHE_METHOD')
  })
})
