import { expect } from 'chai'
import { Cluster, Redis } from 'ioredis'
import RedisMock from 'ioredis-mock'
import { Redis as Valkey } from 'iovalkey'
import { createClient, createClientPool, createCluster, createSentinel } from 'redis'
import { createClient as createClient5, createCluster as createCluster5 } from 'redis-5'
import { CacheError } from '#src/errors.js'
import { quietLogger } from '#src/logger.js'
import { type CacheOptions, resolveOptions } from '#src/options.js'
import { recordingLogger } from '../support/recording-logger.js'
import { thrown } from './thrown.js'

describe('resolveOptions', () => {
  it('fills in what is not said', () => {
    expect(resolveOptions({})).to.deep.equal({
      redis: undefined,
      keyPrefix: '',
      name: undefined,
      memory: undefined,
      logger: quietLogger,
      deadlineMs: 50,
      isEnabled: true,
      isConnected: true,
      watchesIdentity: true,
      user: undefined,
      isCrashSafe: false,
      dependencies: 'evict',
      audit: undefined,
      defaultTtl: 300,
      defaultTtlMs: 300_000,
      externalTemplates: [],
      leaseMs: 30_000,
      maxBodyBytes: 1_048_576,
      maxMemoryBytes: 67_108_864,
      harmlessCookies: new Set(),
      clientHeaders: new Set(),
    })
  })

  it('takes undefined for what is not said', () => {
    const nothing: Required<{ [Name in keyof CacheOptions]: undefined }> = {
      redis: undefined,
      keyPrefix: undefined,
      name: undefined,
      logger: undefined,
      memory: undefined,
      deadlineMs: undefined,
      enabled: undefined,
      watchIdentity: undefined,
      user: undefined,
      crashSafe: undefined,
      dependencies: undefined,
      audit: undefined,
      defaultTtl: undefined,
      externalKeys: undefined,
      leaseMs: undefined,
      maxBodyBytes: undefined,
      maxMemoryBytes: undefined,
      harmlessCookies: undefined,
      clientHeaders: undefined,
    }
    expect(resolveOptions(nothing)).to.deep.equal(resolveOptions({}))
  })

  it('takes over what is said, and leaves the caller’s object alone', () => {
    const user = () => 7
    const options = Object.freeze({
      redis: 'redis://localhost:6379',
      keyPrefix: 'crm:',
      name: 'customer-1',
      memory: Object.freeze({ maxBytes: 1_000_000, maxAgeMs: 5_000 }),
      logger: recordingLogger(),
      deadlineMs: 20,
      enabled: false,
      watchIdentity: false,
      user,
      crashSafe: true,
      dependencies: 'check',
      audit: Object.freeze({ sample: 0.001, ignore: Object.freeze(['generatedAt', 'items.*.seenAt']) }),
      defaultTtl: '2m',
      externalKeys: Object.freeze(['report:{id}']),
      leaseMs: 5_000,
      maxBodyBytes: 1_000,
      maxMemoryBytes: 2_000,
      harmlessCookies: Object.freeze(['sid']),
      clientHeaders: Object.freeze(['Cache-Control']),
    })
    const { externalTemplates, logger, ...resolved } = resolveOptions(options)
    expect(resolved).to.deep.equal({
      redis: 'redis://localhost:6379',
      keyPrefix: 'crm:',
      name: 'customer-1',
      memory: { maxBytes: 1_000_000, maxAgeMs: 5_000 },
      deadlineMs: 20,
      isEnabled: false,
      isConnected: false,
      watchesIdentity: false,
      user,
      isCrashSafe: true,
      dependencies: 'check',
      audit: { sample: 0.001, ignore: ['generatedAt', 'items.*.seenAt'] },
      defaultTtl: '2m',
      defaultTtlMs: 120_000,
      leaseMs: 5_000,
      maxBodyBytes: 1_000,
      maxMemoryBytes: 2_000,
      harmlessCookies: new Set(['sid']),
      clientHeaders: new Set(['cache-control']),
    })
    for (const level of ['debug', 'info', 'warn', 'error'] as const) logger[level](`a line at ${level}`)
    expect(options.logger.lines).to.deep.equal(
      ['debug', 'info', 'warn', 'error'].map((level) => ({ level, message: `a line at ${level}` })),
    )
    expect(externalTemplates.map(({ text }) => text)).to.deep.equal(['report:{id}'])
  })

  it('takes an empty REDIS_URL for none', () => {
    expect(resolveOptions({ redis: '' }).redis).to.equal(undefined)
  })

  it('takes a client or cluster of each package that speaks to Redis, by its shape', () => {
    const clients = [
      new Redis({ lazyConnect: true }),
      new Cluster([], { lazyConnect: true }),
      new Valkey({ lazyConnect: true }),
      createClient(),
      createCluster({ rootNodes: [] }),
      createClient5(),
      createCluster5({ rootNodes: [] }),
    ]
    for (const client of clients) expect(resolveOptions({ redis: client }).redis).to.equal(client)
  })

  it('refuses a client that cannot be used, and says what to do instead', () => {
    const mock = new RedisMock()
    const refused: readonly [unknown, string][] = [
      [mock, 'Leave redis out in tests'],
      [createClientPool(), 'Pass createClient(…) or createCluster(…)'],
      [createSentinel({ name: 'mymaster', sentinelRootNodes: [] }), 'redis+sentinel://'],
      [{ sendCommand() {}, isOpen: true }, 'node-redis 4 or earlier'],
    ]
    for (const [client, mend] of refused) {
      expect(() => resolveOptions({ redis: client as Redis }))
        .to.throw(CacheError, mend)
        .with.property('code', 'E_CACHE_OPTION')
    }
    mock.disconnect()
  })

  const noWarnings = { debug() {}, info() {}, error() {} }
  const wrong: readonly [options: object, code: string, message: string][] = [
    [{ memory: true }, 'E_CACHE_OPTION', 'the options are no object. Write memory: { maxBytes: '],
    [{ memory: { maxBytes: 1 } }, 'E_CACHE_OPTION', 'maxAgeMs is undefined'],
    [{ memory: { maxBytes: '32m', maxAgeMs: 1 } }, 'E_CACHE_OPTION', `maxBytes is '32m'`],
    [{ memory: { maxBytes: 1, maxAge: 1 } }, 'E_CACHE_OPTION', `there is no option 'maxAge'`],
    [{ redisUrl: 'redis://localhost' }, 'E_CACHE_OPTION', `there is no option 'redisUrl'. There are redis, `],
    [{ toString: 1 }, 'E_CACHE_OPTION', `there is no option 'toString'`],
    [{ redis: null }, 'E_CACHE_OPTION', 'redis is neither a URL nor a client of ioredis, node-redis'],
    [{ redis: 6379 }, 'E_CACHE_OPTION', 'redis is neither a URL nor a client of ioredis, node-redis'],
    [{ redis: { get() {}, isOpen: true } }, 'E_CACHE_OPTION', 'redis is neither a URL nor a client of'],
    [{ keyPrefix: 'crm *' }, 'E_CACHE_OPTION', `the keyPrefix 'crm *' cannot be used`],
    [{ keyPrefix: 'a#' }, 'E_CACHE_OPTION', `the keyPrefix 'a#' cannot be used`],
    [{ keyPrefix: '{a}' }, 'E_CACHE_OPTION', `the keyPrefix '{a}' cannot be used`],
    [{ keyPrefix: 5 }, 'E_CACHE_OPTION', `the keyPrefix '5' cannot be used`],
    [{ logger: null }, 'E_CACHE_OPTION', 'the logger has no debug()'],
    [{ logger: () => {} }, 'E_CACHE_OPTION', 'the logger has no debug()'],
    [{ logger: noWarnings }, 'E_CACHE_OPTION', 'the logger has no warn()'],
    [{ enabled: 'false' }, 'E_CACHE_OPTION', `enabled is 'false'. Give true, false or 'evictions'.`],
    [
      { dependencies: 'derive' },
      'E_CACHE_OPTION',
      `dependencies is 'derive'. Give 'evict', 'check' or 'instead'.`,
    ],
    [{ enabled: 0 }, 'E_CACHE_OPTION', 'enabled is 0'],
    [{ audit: true }, 'E_CACHE_OPTION', 'the options are no object'],
    [{ audit: {} }, 'E_CACHE_OPTION', 'sample is undefined. Give a number above 0 and at most 1'],
    [{ audit: { sample: 0 } }, 'E_CACHE_OPTION', 'sample is 0'],
    [{ audit: { sample: 1.5 } }, 'E_CACHE_OPTION', 'sample is 1.5'],
    [{ audit: { sample: Number.NaN } }, 'E_CACHE_OPTION', 'sample is NaN'],
    [{ audit: { sample: '1' } }, 'E_CACHE_OPTION', `sample is '1'`],
    [
      { audit: { sample: 1, ignored: [] } },
      'E_CACHE_OPTION',
      `no option 'ignored'. There are sample, ignore`,
    ],
    [{ audit: { sample: 1, ignore: 'a' } }, 'E_CACHE_OPTION', 'ignore is no list of fields'],
    [{ audit: { sample: 1, ignore: [7] } }, 'E_CACHE_OPTION', 'ignore is no list of fields'],
    [{ audit: { sample: 1, ignore: ['a..b'] } }, 'E_CACHE_OPTION', 'ignore is no list of fields'],
    [{ externalKeys: 'report:{id}' }, 'E_CACHE_OPTION', 'externalKeys is no list'],
    [{ externalKeys: ['report:*'] }, 'E_CACHE_TEMPLATE', `the key template 'report:*' has '*' in it`],
    [null as unknown as object, 'E_CACHE_OPTION', 'the options are no object'],
    ['redis://localhost' as unknown as object, 'E_CACHE_OPTION', 'the options are no object'],
    [{ externalKeys: ['a', ''] }, 'E_CACHE_TEMPLATE', 'is empty'],
    [{ defaultTtl: '5 x' }, 'E_CACHE_TTL', `the defaultTtl '5 x' is not a positive duration`],
    [{ user: 'sub' }, 'E_CACHE_OPTION', `user is 'sub'`],
    [{ user: async () => 1 }, 'E_CACHE_OPTION', 'user is async () => 1'],
    [{ defaultTtl: 0 }, 'E_CACHE_TTL', 'the defaultTtl 0 is not a positive duration'],
    [{ deadlineMs: 2 ** 31 }, 'E_CACHE_OPTION', 'deadlineMs is 2147483648. Give a whole number from 1 to'],
    [{ leaseMs: 2 ** 31 }, 'E_CACHE_OPTION', 'leaseMs is 2147483648'],
    [{ maxBodyBytes: 2 ** 53 }, 'E_CACHE_OPTION', 'maxBodyBytes is 9007199254740992'],
    ...['deadlineMs', 'leaseMs', 'maxBodyBytes', 'maxMemoryBytes'].flatMap((name) =>
      [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '50'].map((value): [object, string, string] => [
        { [name]: value },
        'E_CACHE_OPTION',
        `${name} is ${typeof value === 'string' ? `'${value}'` : value}`,
      ]),
    ),
  ]
  for (const [options, code, message] of wrong) {
    it(`says: ${message}`, () => {
      const error = thrown(() => resolveOptions(options as CacheOptions))
      expect(error.code).to.equal(code)
      expect(error.where).to.match(/^createCache\((\{ (memory|audit) \})?\)/)
      expect(error.message).to.include(message)
      expect(error.mend).to.match(/\S/)
    })
  }
})
