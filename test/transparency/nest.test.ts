import 'reflect-metadata'
import { Readable } from 'node:stream'
import {
  Body,
  type CallHandler,
  Catch,
  ClassSerializerInterceptor,
  Controller,
  createParamDecorator,
  Delete,
  type ExecutionContext,
  ForbiddenException,
  Get,
  Header,
  HttpCode,
  HttpException,
  NotFoundException,
  Param,
  ParseIntPipe,
  Post,
  Put,
  Query,
  Redirect,
  Render,
  Req,
  Res,
  Scope,
  StreamableFile,
  type Type,
  UseFilters,
  UseGuards,
  UseInterceptors,
  ValidationPipe,
  Version,
  VersioningType,
} from '@nestjs/common'
import { Reflector } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import { expect } from 'chai'
import { Exclude, Expose } from 'class-transformer'
import { IsInt, IsOptional, Min } from 'class-validator'
import type { Request, Response } from 'express'
import { Cacheable, CacheConfig, CacheEvict, CachePut, createCache } from 'express-cacheable'
import { delay, EMPTY, from, map, type Observable, of, tap } from 'rxjs'
import { type NestApp, startNest } from '../support/nest-app.js'
import { openRaw, type RawRequest, readToEnd } from '../support/raw-http.js'
import { ALLOWED_DIFFERENCES, type Kind } from './allowed-differences.js'
import { headerOf, type Message, parseStream } from './http-stream.js'

class PageQuery {
  @IsOptional()
  @IsInt()
  @Min(1)
  limit?: number
}

class Item {
  @Expose()
  id!: number

  @Exclude()
  secret!: string

  constructor(fields: Partial<Item>) {
    Object.assign(this, fields)
  }
}

@Catch(HttpException)
class AllIsWellFilter {
  catch(error: HttpException, host: ExecutionContext) {
    host.switchToHttp().getResponse<Response>().status(200).json({ covered: error.message })
  }
}

class RefusingGuard {
  canActivate(context: ExecutionContext) {
    return context.switchToHttp().getRequest<Request>().headers.authorization === 'member'
  }
}

const Member = createParamDecorator((_data: unknown, context: ExecutionContext) => {
  const { authorization } = context.switchToHttp().getRequest<Request>().headers
  if (authorization !== 'member') throw new ForbiddenException()
  return authorization
})

class HeaderInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const res = context.switchToHttp().getResponse<Response>()
    res.setHeader('X-Before', 'yes')
    return next.handle().pipe(tap(() => res.setHeader('X-After', 'yes')))
  }
}

class SlowInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      delay(1),
      map((data) => ({ data })),
    )
  }
}

@Controller('answers')
class AnswersController {
  @Get('json')
  @Cacheable('json', 60)
  json() {
    return { a: 1, list: [null, 'ü'] }
  }

  @Get('text')
  @Cacheable('text', 60)
  text() {
    return 'plain text'
  }

  @Get('number')
  @Cacheable('number', 60)
  number() {
    return 0
  }

  @Get('nothing')
  @Cacheable('nothing', 60)
  nothing() {}

  @Get('null')
  @Cacheable('null', 60)
  null() {
    return null
  }

  @Get('promise/:id')
  @Cacheable('promise:{id}', 60)
  async promise(@Param('id', ParseIntPipe) id: number) {
    return { id }
  }

  @Get('observable')
  @Cacheable('observable', 60)
  observable() {
    return from([{ a: 1 }, { a: 2 }])
  }

  @Get('no-value')
  @Cacheable('no-value', 60)
  noValue() {
    return EMPTY
  }

  @Get('code')
  @HttpCode(203)
  @Cacheable('code', 60, { statuses: [203] })
  code() {
    return { code: 203 }
  }

  @Get('unstored-code')
  @HttpCode(202)
  @Cacheable('unstored-code', 60)
  unstoredCode() {
    return { code: 202 }
  }

  @Get('headers')
  @Header('X-Own', 'one')
  @Header('Content-Type', 'text/csv')
  @Header('Vary', 'Origin')
  @Cacheable('headers', 60)
  headers() {
    return 'a,b'
  }

  @Get('short')
  @Header('Cache-Control', 'max-age=30')
  @Cacheable('short', 60)
  short() {
    return { short: true }
  }

  @Get('private')
  @Header('Cache-Control', 'no-store')
  @Cacheable('private', 60)
  private() {
    return { private: true }
  }

  @Get('varied')
  @Header('Vary', 'Accept-Language')
  @Cacheable('varied', 60)
  varied() {
    return { varied: true }
  }

  @Get('redirect')
  @Redirect('/elsewhere')
  @Cacheable('redirect', 60, { statuses: [302] })
  redirect() {}

  @Get('redirect-elsewhere')
  @Redirect('/elsewhere')
  @Cacheable('redirect-elsewhere', 60, { statuses: [301] })
  redirectElsewhere() {
    return { url: '/there', statusCode: 301 }
  }

  @Get('missing')
  @Cacheable('missing', 60, { statuses: [404] })
  missing() {
    throw new NotFoundException('none')
  }

  @Get('broken')
  @Cacheable('broken', 60)
  broken() {
    throw new Error('not for clients')
  }

  @Get('covered')
  @UseFilters(AllIsWellFilter)
  @Cacheable('covered', 60)
  covered() {
    throw new NotFoundException('covered')
  }

  @Get('res')
  @Cacheable('res', 60)
  res(@Res() res: Response) {
    res.set('X-Own', 'res').json({ res: true })
  }

  @Get('res-later')
  @Cacheable('res-later', 60)
  resLater(@Res() res: Response) {
    setImmediate(() => res.type('html').send('<p>later</p>'))
  }

  @Get('passthrough')
  @Cacheable('passthrough', 60)
  passthrough(@Res({ passthrough: true }) res: Response) {
    res.set('X-Own', 'passed')
    return { passed: true }
  }

  @Get('cookie')
  @Cacheable('cookie', 60)
  cookie(@Res({ passthrough: true }) res: Response) {
    res.cookie('a', 'b')
    return { cookie: true }
  }

  @Get('file')
  @Cacheable('file', 60)
  file() {
    return new StreamableFile(Buffer.from('a file'), {
      type: 'text/plain',
      disposition: 'attachment; filename="a.txt"',
    })
  }

  @Get('stream')
  @Header('Content-Type', 'text/plain')
  @Cacheable('stream', 60)
  stream() {
    return new StreamableFile(Readable.from(['in ', 'pieces']))
  }

  @Get('failing-file')
  @Cacheable('failing-file', 60)
  failingFile() {
    return new StreamableFile(
      new Readable({
        read() {
          this.destroy(new Error('no such file'))
        },
      }),
    )
  }

  @Get('view')
  @Render('greeting')
  @Cacheable('view', 60)
  view() {
    return { name: 'Ada' }
  }

  @Get('serialized')
  @UseInterceptors(ClassSerializerInterceptor)
  @Cacheable('serialized', 60)
  serialized() {
    return new Item({ id: 1, secret: 'hidden' })
  }

  @Get('intercepted')
  @UseInterceptors(HeaderInterceptor, SlowInterceptor)
  @Cacheable('intercepted', 60)
  intercepted() {
    return 'data'
  }

  @Get('validated')
  @Cacheable('validated', 60)
  validated(
    @Query(new ValidationPipe({ transform: true, transformOptions: { enableImplicitConversion: true } }))
    query: PageQuery,
  ) {
    return { limit: typeof query.limit }
  }

  @Get('members')
  @UseGuards(RefusingGuard)
  @Cacheable('members', 60)
  members() {
    return { members: true }
  }

  @Get('members-by-decorator')
  @Cacheable('members-by-decorator', 60)
  membersByDecorator(@Member() _member: string) {
    return { members: true }
  }

  @Post('search')
  @HttpCode(200)
  @Cacheable('search:{body.q}', 60)
  search(@Body() body: { q: string }) {
    return { found: body.q }
  }

  @Put('json')
  @CacheEvict('json')
  write(@Body() body: { fail?: boolean }) {
    if (body.fail) throw new ForbiddenException('no')
    return { written: true }
  }

  @Post('json')
  @CachePut('json', 60)
  put() {
    return { a: 2 }
  }

  @Delete('json')
  @HttpCode(204)
  @CacheEvict('json')
  remove() {}

  @Put('later')
  @CacheEvict('json')
  writeLater(): Observable<unknown> {
    return of({ later: true }).pipe(delay(1))
  }
}

@Controller({ path: 'scoped', scope: Scope.REQUEST })
class ScopedController {
  readonly #born = 'per request'

  @Get(':id')
  @Cacheable('scoped:{id}', 60)
  one(@Param('id') id: string, @Req() req: Request) {
    return { id, born: this.#born, path: req.path }
  }
}

abstract class BaseController {
  abstract readonly kind: string

  @Get(':id')
  @Cacheable('{id}', 60)
  one(@Param('id') id: string) {
    return { id, kind: this.kind }
  }
}

@Controller('cats')
@CacheConfig({ keyPrefix: 'cat:' })
class CatsController extends BaseController {
  readonly kind = 'cat'
}

@Controller('dogs')
@CacheConfig({ keyPrefix: 'dog:' })
class DogsController extends BaseController {
  readonly kind = 'dog'
}

@Controller('versioned')
class VersionedController {
  @Get()
  @Version('1')
  @Cacheable('versioned:1', 60)
  first() {
    return { version: 1 }
  }

  @Get()
  @Version('2')
  @Cacheable('versioned:2', 60)
  second() {
    return { version: 2 }
  }
}

const CONTROLLERS: Type[] = [
  AnswersController,
  ScopedController,
  CatsController,
  DogsController,
  VersionedController,
]

const MEMBER = { Authorization: 'member' }
const JSON_BODY = { 'Content-Type': 'application/json' }

const get = (target: string, headers: Record<string, string> = {}): RawRequest => ({ target, headers })
const write = (method: string, target: string, body: object = {}): RawRequest => {
  const text = JSON.stringify(body)
  return { method, target, body: text, headers: { ...JSON_BODY, 'Content-Length': String(text.length) } }
}

/** Requests in a row; `HIT` is what the last of them has to be. */
const CASES: readonly (readonly [name: string, last: string | undefined, ...RawRequest[]])[] = [
  ...(
    [
      ...['json', 'text', 'number', 'nothing', 'null', 'promise/7', 'observable', 'code', 'headers', 'short'],
      ...['redirect', 'redirect-elsewhere', 'res', 'res-later', 'passthrough', 'file', 'stream', 'view'],
      ...['serialized', 'intercepted', 'validated', 'validated?limit=5'],
    ] as const
  ).map((path) => [path, 'HIT', get(`/answers/${path}`), get(`/answers/${path}`)] as const),
  ...(
    [
      ...[
        'unstored-code',
        'private',
        'varied',
        'missing',
        'broken',
        'covered',
        'cookie',
        'failing-file',
        'no-value',
      ],
    ] as const
  ).map((path) => [path, 'MISS', get(`/answers/${path}`), get(`/answers/${path}`)] as const),
  ['a request-scoped controller', 'HIT', get('/scoped/1'), get('/scoped/1')],
  ['an inherited method', 'HIT', get('/cats/1'), get('/dogs/1'), get('/cats/1'), get('/dogs/1')],
  [
    'two versions',
    'HIT',
    ...['1', '2', '1', '2'].map((version) => get('/versioned', { 'X-Version': version })),
  ],
  ['no version', undefined, get('/versioned', { 'X-Version': '1' }), get('/versioned')],
  [
    'a search',
    'HIT',
    write('POST', '/answers/search', { q: 'a' }),
    write('POST', '/answers/search', { q: 'a' }),
  ],
  ['a refused guard', undefined, get('/answers/members', MEMBER), get('/answers/members')],
  ['a member behind a guard', 'HIT', get('/answers/members', MEMBER), get('/answers/members', MEMBER)],
  [
    'a refusing decorator of a parameter',
    undefined,
    get('/answers/members-by-decorator', MEMBER),
    get('/answers/members-by-decorator'),
  ],
  ['a refusing pipe', undefined, get('/answers/promise/7'), get('/answers/promise/seven')],
  [
    'what a validator refuses beside the key',
    undefined,
    get('/answers/validated'),
    get('/answers/validated?limit=0'),
  ],
  ['HEAD', 'HIT', get('/answers/json'), { method: 'HEAD', target: '/answers/json' }],
  ['a condition', 'HIT', get('/answers/json'), get('/answers/json', { 'If-None-Match': '*' })],
  ['a write', 'MISS', get('/answers/json'), write('PUT', '/answers/json'), get('/answers/json')],
  [
    'a failed write',
    'HIT',
    get('/answers/json'),
    write('PUT', '/answers/json', { fail: true }),
    get('/answers/json'),
  ],
  ['a put', undefined, write('POST', '/answers/json')],
  [
    'a removal',
    'MISS',
    get('/answers/json'),
    { method: 'DELETE', target: '/answers/json' },
    get('/answers/json'),
  ],
  [
    'a write that is an observable',
    'MISS',
    get('/answers/json'),
    write('PUT', '/answers/later'),
    get('/answers/json'),
  ],
]

function setUp(app: NestExpressApplication): void {
  app.enableVersioning({ type: VersioningType.HEADER, header: 'X-Version' })
  app.setBaseViewsDir('/nowhere')
  app.engine('txt', (_path: string, options: { name?: string }, done: (error: null, text: string) => void) =>
    done(null, `Hello ${options.name}`),
  )
  app.setViewEngine('txt')
  app.set('view', GreetingView)
  app.useGlobalInterceptors(new HeaderInterceptor(), new ClassSerializerInterceptor(app.get(Reflector)))
}

/** A view that needs no file. */
class GreetingView {
  readonly path = 'greeting'

  render(options: { name?: string }, done: (error: null, text: string) => void) {
    done(null, `Hello ${options.name}`)
  }
}

async function exchange(url: string, request: RawRequest): Promise<Message> {
  const bytes = await readToEnd(await openRaw(url, request))
  const { messages, rest } = parseStream(bytes, [request.method ?? 'GET'])
  expect([messages.length, rest.length], bytes.toString('latin1')).to.deep.equal([1, 0])
  return messages[0] as Message
}

/** The two as they are to be the same, in text. */
function comparable(bare: Message, ours: Message, kind: Kind): [string, string] {
  for (const { on, shapes, forgive } of ALLOWED_DIFFERENCES) {
    if (on.includes(kind) && shapes === undefined) forgive(bare, ours)
  }
  const [one, other] = [bare, ours].map(({ statusLine, headers, framing, chunks, isComplete }) =>
    [
      ...[statusLine, ...headers.map((field) => field.join(': ')), framing, String(isComplete)],
      Buffer.concat(chunks).toString('latin1'),
    ].join('\n'),
  )
  return [one as string, other as string]
}

describe('an application of Nest behind the cache', () => {
  let bare: NestApp
  let ours: NestApp
  const cache = createCache({ logger: { debug() {}, info() {}, warn() {}, error() {} } })
  before(async () => {
    bare = await startNest(null, { controllers: CONTROLLERS, setUp })
    ours = await startNest(cache, { controllers: CONTROLLERS, setUp })
  })
  after(async () => {
    await bare.close()
    await ours.close()
  })
  beforeEach(() => cache.deletePattern('*'))

  for (const [name, last, ...requests] of CASES) {
    it(`gives the same bytes as without it: ${name}`, async () => {
      const xCaches: (string | undefined)[] = []
      for (const request of requests) {
        const [before, after] = [await exchange(bare.url, request), await exchange(ours.url, request)]
        const xCache = headerOf(after, 'x-cache')
        xCaches.push(xCache)
        const isWrite = request.method !== undefined && !['HEAD', 'POST'].includes(request.method)
        const [one, other] = comparable(before, after, xCache === 'HIT' ? 'hit' : isWrite ? 'held' : 'miss')
        expect(other).to.equal(one)
      }
      expect(xCaches.at(-1)).to.equal(last)
    })
  }
})
