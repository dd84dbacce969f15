import { expect } from 'chai'
import { redisAddress } from '#src/clients/redis-url.js'

describe('redisAddress', () => {
  for (const [url, read] of [
    ['redis://user:p%40ss@host:6380/2?family=6', 'redis://user:p%40ss@host:6380/2?family=6'],
    ['rediss://host', 'rediss://host'],
    ['valkey://:secret@host:6379/1', 'redis://:secret@host:6379/1'],
    ['valkeys://valkey.example:6380', 'rediss://valkey.example:6380'],
  ] as const) {
    it(`reads ${url} as ioredis reads ${read}`, () => {
      expect(redisAddress(url)).to.deep.equal({ kind: 'url', url: read })
    })
  }

  const TLS = { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true }
  for (const [url, options] of [
    ['unix:///run/redis.sock', { path: '/run/redis.sock', db: 0 }],
    ['unix:///run/my%20redis.sock?db=3', { path: '/run/my redis.sock', db: 3 }],
    [
      'unix://ada:p%40ss@/run/redis.sock',
      { path: '/run/redis.sock', username: 'ada', password: 'p@ss', db: 0 },
    ],
    ['unix://:secret@/run/redis.sock', { path: '/run/redis.sock', password: 'secret', db: 0 }],
    [
      'redis+sentinel://:secret@one:26380,two/mymaster/4',
      {
        sentinels: [
          { host: 'one', port: 26_380 },
          { host: 'two', port: 26_379 },
        ],
        name: 'mymaster',
        password: 'secret',
        db: 4,
      },
    ],
    [
      'valkey+sentinel://[::1]:26379/my%2Fmaster?sentinelUsername=u&sentinelPassword=p%26q',
      {
        sentinels: [{ host: '::1', port: 26_379 }],
        name: 'my/master',
        sentinelUsername: 'u',
        sentinelPassword: 'p&q',
        db: 0,
      },
    ],
    [
      'rediss+sentinel://ada:secret@one/mymaster',
      {
        sentinels: [{ host: 'one', port: 26_379 }],
        name: 'mymaster',
        username: 'ada',
        password: 'secret',
        db: 0,
        ...TLS,
      },
    ],
  ] as const) {
    it(`reads ${url}`, () => {
      expect(redisAddress(url)).to.deep.equal({ kind: 'options', options })
    })
  }

  for (const [url, problem] of [
    ['', 'cannot be read as a URL'],
    ['http://host', 'begins with none of redis://'],
    ['redis:host', 'begins with none of redis://'],
    ['redis://', 'names no host'],
    ['redis://host/cache', 'not the number of a database'],
    ['unix://host', 'names no path of a socket'],
    ['unix:///run/redis.sock?db=x', 'not the number of a database'],
    ['unix:///run/%zz', 'begins no escaped character'],
    ['redis+sentinel://one:26379', 'no master behind them'],
    ['redis+sentinel://one:26379/mymaster/x', 'no master behind them'],
    ['redis+sentinel://one:port/mymaster', 'a sentinel of the Redis URL'],
  ] as const) {
    it(`cannot read ${JSON.stringify(url)}, and says why`, () => {
      const address = redisAddress(url)
      expect(address.kind === 'unreadable' && address.problem).to.include(problem)
    })
  }
})
