import { expect } from 'chai'
import { Redis } from 'ioredis'
import { Redis as Valkey } from 'iovalkey'
import { createClient } from 'redis'
import { createClient as createClient5 } from 'redis-5'
import { adapterOf } from '#src/clients/adapter-of.js'
import type { RedisClient } from '#src/clients/redis-client.js'

const lazy = { lazyConnect: true } as const

describe('adapterOf', () => {
  for (const [what, client, speaksResp3] of [
    ['ioredis 6', new Redis(lazy), true],
    ['ioredis 6 that is set to RESP2', new Redis({ ...lazy, protocol: 2 }), false],
    ['iovalkey', new Valkey(lazy), false],
    ['node-redis 6', createClient(), true],
    ['node-redis 6 that is set to RESP2', createClient({ RESP: 2 }), false],
    ['node-redis 5', createClient5(), false],
    ['node-redis 5 that is set to RESP3', createClient5({ RESP: 3 }), true],
  ] as readonly [string, RedisClient, boolean][]) {
    it(`knows that ${what} speaks RESP${speaksResp3 ? 3 : 2}`, () => {
      expect(adapterOf(client).speaksResp3).to.equal(speaksResp3)
    })
  }

  it('knows two clients of one database, whatever packages they are of', () => {
    const address = '127.0.0.1:6380'
    const [first, ...others] = [
      new Redis(`redis://${address}/2`, lazy),
      new Valkey(`redis://${address}/2`, lazy),
      createClient({ url: `redis://${address}/2` }),
      createClient5({ url: `redis://${address}/2` }),
    ].map((client) => adapterOf(client as RedisClient).identity)
    for (const identity of others) expect(identity).to.equal(first)
    expect(adapterOf(createClient({ url: `redis://${address}/3` })).identity).to.not.equal(first)
  })
})
