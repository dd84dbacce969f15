import { PassThrough } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { expect } from 'chai'
import { Redis } from 'ioredis'
import { IoredisCommands } from '#src/clients/ioredis-commands.js'
import { shaOf } from '#src/clients/script-sha.js'

const LAZY = { lazyConnect: true } as const
const SCRIPT = { command: 'test', lua: 'return ARGV', numberOfKeys: 1, isBinary: true }

describe('the commands of an ioredis', () => {
  it('are made of the class of its own, of which nothing is sent', () => {
    const client = new Redis(LAZY)
    expect(IoredisCommands.of(client)).not.to.equal(null)
    expect(client.status).to.equal('wait')
  })

  it('write buffers as they are, whatever is in them and beside them', async () => {
    const args = ['key', 'Zürich', Buffer.from('€ 1'), Buffer.alloc(0), 7, Buffer.from([0, 13, 10, 255]), '']
    const client = new Redis(LAZY)
    const written: (string | Uint8Array)[] = []
    const socket = new PassThrough()
    socket.write = (chunk: string | Uint8Array) => written.push(chunk) > 0
    client.sendCommand = async (command) => written.push(command.toWritable(socket))
    const commands = IoredisCommands.of(client)
    commands?.define(SCRIPT)
    for (const _time of [1, 2]) await commands?.run(SCRIPT, args)

    const sent = [
      ['eval', SCRIPT.lua, 1, ...args],
      ['evalsha', shaOf(SCRIPT), 1, ...args],
    ]
    expect(joined(written)).to.deep.equal(joined(sent.flatMap(inProtocol)))
    const [euro, , bytes] = args.filter((arg) => Buffer.isBuffer(arg))
    for (const buffer of [euro, bytes]) expect(written.filter((chunk) => chunk === buffer)).to.have.length(2)
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

/** A command as https://redis.io/docs/latest/develop/reference/protocol-spec/ has it. */
function inProtocol(words: readonly (string | number | Buffer)[]): (string | Buffer)[] {
  return [
    `*${words.length}\r\n`,
    ...words.flatMap((word) => {
      const bytes = Buffer.isBuffer(word) ? word : Buffer.from(String(word))
      return [`$${bytes.length}\r\n`, bytes, '\r\n']
    }),
  ]
}

function joined(chunks: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat(chunks.map((chunk) => Buffer.from(chunk)))
}
