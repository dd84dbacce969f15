import { setImmediate } from 'node:timers/promises'
import { expect } from 'chai'
import { Redis } from 'ioredis'
import { IoredisCommands } from '#src/clients/ioredis-commands.js'

const LAZY = { lazyConnect: true } as const

describe('the commands of an ioredis', () => {
  it('are made of the class of its own, of which nothing is sent', () => {
    const client = new Redis(LAZY)
    expect(IoredisCommands.of(client)).not.to.equal(null)
    expect(client.status).to.equal('wait')
  })

  const others: Readonly<Record<string, () => Redis>> = {
    'behind a proxy that binds its methods': () =>
      new Proxy(new Redis(LAZY), {
        get(target, name) {
          const member: unknown = Reflect.get(target, name)
          return typeof member === 'function' ? member.bind(target) : member
        },
      }),
    'whose methods are not those of ioredis': () =>
      Object.assign(new Redis(LAZY), { get: () => Promise.reject(new Error('own')) }),
    'whose methods throw': () =>
      Object.assign(new Redis(LAZY), {
        get() {
          throw new Error('own')
        },
      }),
  }
  for (const [name, make] of Object.entries(others)) {
    it(`are left to a client ${name}`, async () => {
      const client = make()
      expect(IoredisCommands.of(client)).to.equal(null)
      // What nobody waits for would end the process.
      await setImmediate()
      expect(client.status).to.equal('wait')
    })
  }
})
