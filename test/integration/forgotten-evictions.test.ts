import { expect } from 'chai'
import express, { type RequestHandler } from 'express'
import {
  Cacheable,
  type CacheEvent,
  CacheEvict,
  type CacheEvictOptions,
  type CacheOptions,
  createMemoryBus,
  OnEvent,
} from 'express-cacheable'
import { partsOf } from '#src/cache-parts.js'
import { GRACE_MS } from '#src/checking/writes-in-no-rule.js'
import { answerOf } from '../support/answer-of.js'
import { install } from '../support/fake-time.js'
import { serversOfSuite } from '../support/http.js'
import { onEachStore } from '../support/on-each-store.js'
import { quietExpress } from '../support/quiet-express.js'
import { recordingLogger } from '../support/recording-logger.js'
import { until } from '../support/until.js'

const CHECK = { dependencies: 'check' } as const
const tablesOf = (rows: readonly string[]) => [...new Set(rows.map((row) => row.slice(0, row.indexOf('#'))))]
/** As table-tags.ts spells them. */
const tagsOf = (...rows: string[]) => ['all-tables', ...tablesOf(rows).map((table) => `${table}*`), ...rows]
const writtenBy = (...rows: string[]) => [
  'any-table',
  ...tablesOf(rows).map((table) => `${table}[]`),
  ...rows,
]

onEachStore('what commits make old,', (makeCache) => {
  const listen = serversOfSuite()

  /** A newspaper whose statements a tracker of the test's tells of. */
  async function newspaper(
    patterns: string | readonly string[],
    options: CacheOptions & { rule?: CacheEvictOptions } = {},
  ) {
    const { rule, ...ofCache } = options
    const logger = recordingLogger()
    const observed = makeCache({ ...CHECK, logger, ...ofCache })
    const { cache } = observed
    const parts = partsOf(cache)
    parts.track()
    /** Commits, as a tracker does that sees the rows. */
    const commit = async (...rows: string[]) => {
      const tags = writtenBy(...rows)
      await parts.derived.committed(tags, await parts.derived.prepare(tags))
    }
    const app = quietExpress().use(express.json())
    const answer =
      (...rows: string[]): RequestHandler =>
      (req, res) => {
        cache.tag(...tagsOf(...rows))
        res.json({ path: req.path })
      }
    app.get('/articles/:slug', cache.cacheable('article:{slug}', 60), answer('Article#7'))
    app.get('/profiles/:name', cache.cacheable('profile:{name}', 60), answer('User#1', 'Article#7'))
    app.get('/feed', cache.cacheable('feed:{query.page|1}', 60), answer('Article#8'))
    app.put('/articles/:slug', cache.evict(patterns, rule ?? {}), async (req, res) => {
      await commit('Article#7')
      res.status(req.query.fails ? 500 : 200).json({ author: { name: 'ada' } })
    })
    await cache.ready(app)
    const url = await listen(app)
    const states = async (...paths: string[]) => {
      const seen: string[] = []
      for (const path of paths) seen.push(String((await answerOf(url + path)).xCache))
      return seen
    }
    const all = ['/articles/one', '/profiles/ada', '/feed']
    const fill = async () => {
      await states(...all)
      expect(await states(...all)).to.deep.equal(['HIT', 'HIT', 'HIT'])
    }
    await fill()
    const write = (path = '/articles/one') => answerOf(url + path, { method: 'PUT' })
    const told = () => observed.events.filter((event: CacheEvent) => event.type === 'forgotten')
    return { ...observed, app, url, logger, commit, write, states: () => states(...all), fill, told }
  }

  const FORGOTTEN = {
    ...{ write: 'PUT /articles/:slug', tags: ['Article#7'] },
    ...{ key: 'profile:ada', read: 'GET /profiles/:name' },
  }

  it('are evicted before the call goes on, where nothing else is said', async () => {
    const { cache, commit, states, told, fill } = await newspaper('article:{slug}', { dependencies: 'evict' })
    await commit('Article#7')
    expect(await states()).to.deep.equal(['MISS', 'MISS', 'HIT'])
    await fill()
    await commit('Article#8', 'User#1')
    expect(await states()).to.deep.equal(['HIT', 'MISS', 'MISS'])
    expect([told(), cache.forgotten(), cache.unneeded()]).to.deep.equal([[], [], []])
  })

  it('are told of, where a write has forgotten them, before its answer leaves', async () => {
    const { cache, url, write, states, logger, told, fill } = await newspaper('article:{slug}')
    await write()
    expect(cache.forgotten()).to.deep.equal([FORGOTTEN])
    expect(told()).to.deep.equal([{ type: 'forgotten', ...FORGOTTEN }])
    expect(cache.stats().forgotten).to.equal(1)
    expect(logger.at('warn')).to.deep.equal([
      "`PUT /articles/:slug` wrote `Article#7`; the entry `profile:ada` of `GET /profiles/:name` was made from it; nothing evicts it: add `profile:{result.author.name}` or use `dependencies: 'evict'`",
    ])
    expect(await states(), 'nothing else is evicted').to.deep.equal(['MISS', 'HIT', 'HIT'])
    await fill()
    expect((await answerOf(`${url}/profiles/bob`)).xCache).to.equal('MISS')
    expect((await answerOf(`${url}/profiles/bob`)).xCache).to.equal('HIT')
    await write()
    expect(logger.at('warn'), 'once').to.have.lengthOf(1)
    expect(cache.stats().forgotten).to.equal(3)
    expect(cache.forgotten().map(({ key }) => key)).to.deep.equal(['profile:ada', 'profile:bob'])
  })

  it('are not told of any more where whom they name is to be forgotten', async () => {
    const { cache, write } = await newspaper('article:{slug}')
    await write()
    const { warnings } = partsOf(cache)
    expect([cache.forgotten(), warnings].map(({ length }) => length)).to.deep.equal([1, 1])
    await cache.forget({ name: 'bob' })
    expect([cache.forgotten().length, partsOf(cache).warnings]).to.deep.equal([1, warnings])
    await cache.forget({ name: 'ada' })
    expect([cache.forgotten(), partsOf(cache).warnings]).to.deep.equal([[], []])
  })

  it('are not told of, where all that is declared has evicted them', async () => {
    const { cache, write, told, logger } = await newspaper(['article:{slug}', 'profile:{result.author.name}'])
    await write()
    expect([cache.forgotten(), told(), logger.at('warn')]).to.deep.equal([[], [], []])
  })

  it('are told of without a suggestion, where the write does not have the value', async () => {
    const { write, logger } = await newspaper('profile:{result.author.name}')
    await write('/articles/other')
    expect(logger.at('warn')[0]).to.match(
      /entry `article:one` of `GET \/articles\/:slug` .* evict what is kept under `article:\{slug\}` or use/,
    )
  })

  it('are told of, where the write has answered with an error although it had committed', async () => {
    const { write, logger, told } = await newspaper(['article:{slug}', 'profile:*'])
    await write('/articles/one?fails=1')
    await until('the look behind the answer', () => told().length === 2)
    expect(logger.at('warn')[0]).to.match(
      /nothing evicts it, as the write answered with an error: answer so only/,
    )
  })

  it('are not taken for what was loaded behind the eviction', async () => {
    const { cache, commit, app, url, told, events } = await newspaper('article:{slug}')
    const isFilled = () =>
      events.filter(({ type, ...rest }) => type === 'fill' && 'key' in rest && rest.key === 'profile:ada')
        .length === 2
    app.put('/slow', cache.evict('feed:*'), async (_req, res, next) => {
      try {
        await commit('User#1')
        await cache.delete('profile:ada')
        // With another life than before, so that it does not matter whether a millisecond has gone by.
        await cache.wrap('profile:ada', 120, async () => {
          cache.tag('User#1')
          return {}
        })
        await until('the entry', isFilled)
        res.json({})
      } catch (error) {
        next(error)
      }
    })
    expect((await answerOf(`${url}/slow`, { method: 'PUT' })).status).to.equal(200)
    expect(await cache.get('profile:ada')).to.deep.equal({})
    expect(told()).to.deep.equal([])
  })

  it('follow what a rule says, where that differs from the cache', async () => {
    const evicting = await newspaper('article:{slug}', { rule: { dependencies: 'evict' } })
    await evicting.write()
    expect(await evicting.states()).to.deep.equal(['MISS', 'MISS', 'HIT'])
    expect(evicting.cache.forgotten()).to.deep.equal([])

    const checking = await newspaper('article:{slug}', { dependencies: 'evict', rule: CHECK })
    await checking.write()
    expect(await checking.states()).to.deep.equal(['MISS', 'HIT', 'HIT'])
    expect(checking.cache.forgotten()).to.deep.equal([FORGOTTEN])
  })

  it('are told of for a rule that declares nothing but that it is checked', async () => {
    const { cache, commit, app, url } = await newspaper('article:{slug}', { dependencies: 'evict' })
    app.put('/users', cache.evict(CHECK), async (_req, res) => {
      await commit('User#1')
      res.json({})
    })
    await answerOf(`${url}/users`, { method: 'PUT' })
    expect(cache.forgotten().map(({ write, key }) => [write, key])).to.deep.equal([
      [`cache.evict({"dependencies":"check"})`, 'profile:ada'],
    ])
  })

  it('are left to the write around a method of a service', async () => {
    const { cache, commit, app, url } = await newspaper('article:{slug}')
    class Users {
      @Cacheable('user:{args.0}', 60)
      async get(_id: number) {
        cache.tag(...tagsOf('User#1'))
        return {}
      }

      @CacheEvict('user:{args.0.id}')
      async rename(_user: { id: number; name: string }) {
        await commit('User#1')
      }

      @CacheEvict([])
      @CacheEvict(CHECK)
      async forget(_name: string) {
        await commit('User#1')
      }
    }
    expect(() => cache.methods(new Users())).to.throw(/no pattern to evict/)
    class Checked extends Users {
      @CacheEvict(CHECK)
      override async forget(_name: string) {
        await commit('User#1')
      }
    }
    const users = cache.methods(new Checked())
    await users.get(1)
    app.put('/users/:name', cache.evict('profile:{name}'), async (req, res) => {
      await users.rename({ id: 1, name: req.params.name as string })
      res.json({})
    })
    await answerOf(`${url}/users/ada`, { method: 'PUT' })
    expect(cache.forgotten()).to.deep.equal([])
    await users.get(1)
    await answerOf(`${url}/profiles/ada`)
    await users.forget('ada')
    expect(cache.forgotten().map(({ write, key }) => `${write} ${key}`)).to.have.members([
      'Checked.forget user:1',
      'Checked.forget profile:ada',
    ])
  })

  it('are told of for an event, and left to the write that has published it', async () => {
    const { cache, commit, app, url } = await newspaper('article:{slug}')
    const bus = createMemoryBus()
    class Events {
      @OnEvent('users', 'RENAMED')
      @CacheEvict('nothing:*')
      async onRenamed() {
        await commit('User#1')
      }
    }
    cache.cacheable('nothing:{id}', 60)
    await cache.subscribe(bus, new Events())
    const publish = () =>
      bus.publish('users', {
        ...{ eventType: 'RENAMED', eventId: 'e1', timestamp: new Date().toISOString(), data: {} },
      })
    app.put('/users', cache.evict('profile:*'), async (_req, res) => {
      await publish()
      res.json({})
    })
    await answerOf(`${url}/users`, { method: 'PUT' })
    expect(cache.forgotten()).to.deep.equal([])
    await answerOf(`${url}/profiles/ada`)
    await publish()
    expect(cache.forgotten().map(({ write, key }) => [write, key])).to.deep.equal([
      ['Events.onRenamed', 'profile:ada'],
    ])
    await bus.close()
  })

  it('are told of in no rule from the commit on, until something evicts them', async () => {
    const { cache, commit, told } = await newspaper('article:{slug}')
    await commit('Article#7')
    const waiting = cache.forgotten()
    expect(waiting.map(({ write, key }) => [write, key]).sort()).to.deep.equal([
      [null, 'article:one'],
      [null, 'profile:ada'],
    ])
    await cache.delete('article:one')
    await cache.deleteTags('Article#7')
    expect(cache.forgotten()).to.deep.equal([])
    expect(told()).to.deep.equal([])
  })

  it('are warned of in no rule after a grace', async () => {
    const { cache, commit, told, logger } = await newspaper('article:{slug}')
    const clock = install({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      await commit('Article#8')
      clock.tick(GRACE_MS)
    } finally {
      clock.uninstall()
    }
    await until('the second look', () => told().length === 1)
    expect(cache.forgotten()).to.deep.equal([
      { write: null, tags: ['Article#8'], key: 'feed:|1', read: 'GET /feed' },
    ])
    expect(logger.at('warn')[0]).to.match(
      /^A write outside of any rule wrote `Article#8`; .*: evict what is kept under `feed:\{query.page\|1\}` or use/,
    )
  })

  it('show which declared patterns were needed', async () => {
    const { cache, write } = await newspaper(['article:{slug}', 'profile:*', 'feed:*'])
    expect(cache.unneeded()).to.deep.equal([])
    await write()
    expect(cache.unneeded()).to.deep.equal([{ write: 'PUT /articles/:slug', pattern: 'feed:*', writes: 1 }])
    expect(cache.forgotten()).to.deep.equal([])
    // Now nothing was there that any pattern could have been good for.
    await write()
    expect(cache.unneeded()).to.deep.equal([{ write: 'PUT /articles/:slug', pattern: 'feed:*', writes: 2 }])
  })

  it('may be a mistake in a rule', () => {
    const { cache } = makeCache()
    for (const declare of [
      () => cache.evict('a', { dependencies: 'derive' as never }),
      () => cache.put('a', 60, { dependencies: true as never }),
      () => cache.evict({ dependencies: 'check', crashSafe: true }),
    ]) {
      expect(declare).to.throw().with.property('code', 'E_CACHE_OPTION')
    }
  })

  it('are followed in no write as long as nothing tracks', async () => {
    const { cache, events } = makeCache(CHECK)
    const { derived } = partsOf(cache).context
    cache.evict('a')
    const [rule] = cache.rules()
    expect(derived.begin(rule?.kind === 'evict' ? [rule] : [])).to.equal(undefined)
    partsOf(cache).track()
    expect(derived.begin(rule?.kind === 'evict' ? [rule] : [])).to.not.equal(undefined)
    expect(events).to.deep.equal([])
  })
})
