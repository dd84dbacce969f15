// How many bytes of a lookup become old, in a process of its own: what V8 makes old depends on all that it has run before.
// Arguments: the kind of client, and the URL of a Redis that is empty.
import { RedisStore } from '#src/stores/redis/redis-store.js'
import { agedBytes } from '../../support/heap.js'
import { clientKind } from '../../support/redis-clients.js'
import { until } from '../../support/until.js'

const ROUNDS = 20
const AT_ONCE = 50

const [kind, url] = process.argv.slice(2) as [string, string]
const tested = clientKind(kind).open(url)
const store = new RedisStore({ client: tested.client, keyPrefix: '', deadlineMs: 10_000, ownsClient: false })
await until('a connection', () => tested.isReady())
await askOften()
console.log((await agedBytes(ROUNDS, askOften)) / (ROUNDS * AT_ONCE))
await store.close()
tested.end()

/** One after the other: those of one turn share a command. */
async function askOften(): Promise<void> {
  for (let nth = 0; nth < AT_ONCE; nth++) await store.get(`user:${nth}`)
}
