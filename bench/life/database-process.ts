// The database of one set-up, in a process of its own: the version of each thing and of each group's lists. It ends when
// the channel to the bench closes.
import { createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { DEFAULT_CONFIG } from '#demo/config.js'
import { Random } from '../../test/consistency/random.js'
import { encodeAnswer, type Stored } from './database.js'
import { GROUPS, groupOf, groupOfKey, isThing, normal, THINGS } from './things.js'

const LATENCY = { medianMs: 5, sigma: 0.5 }

const random = new Random(Number(process.argv[2]))
const things = new Uint32Array(THINGS).fill(1)
const groups = new Uint32Array(GROUPS).fill(1)
let calls = 0

// A Ctrl-C reaches the bench too, which then closes the channel.
process.on('SIGINT', () => {})
process.once('disconnect', () => process.exit())
// The bench sends only one thing: the question for the number of calls.
process.on('message', () => process.send?.(calls))

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {})
  createInterface({ input: socket }).on('line', (line) => answer(socket, line))
})
server.listen(0, DEFAULT_CONFIG.host, () => process.send?.((server.address() as { port: number }).port))

/** What a call sees, and what it changes, it does in the middle of its time. */
function answer(socket: Socket, line: string): void {
  const [id, key, isWrite] = line.split(' ').map(Number) as [number, number, number]
  const ms = LATENCY.medianMs * Math.exp(LATENCY.sigma * normal(random))
  calls += 1
  setTimeout(() => {
    const stored = isWrite ? write(key) : read(key)
    setTimeout(() => socket.write(encodeAnswer(id, stored)), ms / 2)
  }, ms / 2)
}

function read(key: number): Stored {
  const group = groups[groupOfKey(key)] as number
  return { version: isThing(key) ? (things[key] as number) : group, groupVersion: group }
}

function write(thing: number): Stored {
  things[thing] = (things[thing] as number) + 1
  groups[groupOf(thing)] = (groups[groupOf(thing)] as number) + 1
  return read(thing)
}
