import type { Store } from '#src/stores/store.js'
import { LONG_GRACE, NO_GRACE, TTL_MS } from '../../contract/store/tested-store.js'
import { install } from '../../support/fake-time.js'
import type { Servers } from './servers.js'

const MORE_THAN_A_PAGE = 120
const SWEEP_MS = 5_000
const value = Buffer.from('x')

/**
 * Does with two stores what caches do with theirs.
 *
 * @returns What went wrong.
 */
export async function failuresOf(servers: Servers): Promise<unknown[]> {
  const failures: unknown[] = []
  const note = (error: unknown) => void failures.push(error)
  const attempt = async <T>(operation: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await operation()
    } catch (error) {
      return note(error) as undefined
    }
  }
  const restore = catchRejections(note)
  const clock = install({ toFake: ['setInterval', 'clearInterval'] })
  const clients = [servers.connect(), servers.connect()] as const
  const one = servers.open(clients[0], note)
  const other = servers.open(clients[1], note)
  try {
    for (const store of [one, other]) {
      await store.ready()
      await attempt(() => store.heartbeat({ heard: 0, rollCall: 'begin' }))
      await attempt(() => store.name('0123456789abcdef'))
    }
    await forgetOneThatVanished(servers, one, attempt)
    await readAndWrite(one, other, attempt)
    await servers.whileMoving('row:1', async () => {
      // It may be refused then.
      await other.evict([{ kind: 'key', key: 'row:1' }]).catch(() => {})
    })
    await evictAll(one, other, attempt)
    clock.tick(SWEEP_MS)
    await attempt(() => one.get('row:1'))
    for (const store of [one, other]) {
      await attempt(() => store.leave())
      await store.close()
    }
    return failures
  } finally {
    clock.uninstall()
    restore()
    for (const client of clients) client.disconnect()
  }
}

/** Of promises that nobody waits for, such as some in the client, which would end the process. */
function catchRejections(note: (error: unknown) => void): () => void {
  const listeners = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', note)
  return () => {
    process.off('unhandledRejection', note)
    for (const listener of listeners) process.on('unhandledRejection', listener)
  }
}

type Attempt = <T>(operation: () => Promise<T>) => Promise<T | undefined>

/** A process that was heard of long ago. */
async function forgetOneThatVanished(
  { admins, members }: Servers,
  store: Store,
  attempt: Attempt,
): Promise<void> {
  // Only one server of a cluster takes it.
  await Promise.allSettled(admins.map((admin) => admin.zadd(members, 1, 'vanished')))
  await attempt(() => store.heartbeat({ heard: 0, rollCall: 'none' }))
}

async function readAndWrite(one: Store, other: Store, attempt: Attempt): Promise<void> {
  const found = await attempt(() => one.lookup('row:1', NO_GRACE))
  const busy = await attempt(() => other.lookup('row:1', NO_GRACE))
  if (found?.kind === 'lease' && busy?.kind === 'busy') {
    const waiting = other.waitForLease('row:1', busy.lease, 1_000)
    await attempt(() => one.fill('row:1', found.lease, value, TTL_MS))
    await waiting
  }
  await attempt(() => other.get('row:1'))
  await attempt(() => other.lookup('row:1', LONG_GRACE))
  const unused = await attempt(() => one.lookup('row:2', NO_GRACE))
  if (unused?.kind === 'lease') await attempt(() => one.release('row:2', unused.lease))

  const items = Array.from({ length: MORE_THAN_A_PAGE }, (_, nth) => `item:${nth}`)
  await attempt(() => Promise.all(items.map((key) => one.set(key, value, TTL_MS))))
  await attempt(() => one.set('limited:1', value, TTL_MS))
  const keyLimit = { prefix: 'limited:', maxKeys: 1 }
  await attempt(() => other.lookup('limited:2', { ...NO_GRACE, keyLimit }))
}

async function lookAtEachOther(one: Store, other: Store): Promise<void> {
  const question = { id: 'question', text: 'x' }
  await one.gathering?.look()
  await one.gathering?.ask(question)
  await other.gathering?.report('x')
  await other.gathering?.answer(question.id, 'x')
  for (const process of (await one.gathering?.look()) ?? []) {
    await one.gathering?.reportOf(process)
    await one.gathering?.answerOf(process, question.id)
  }
}

async function evictAll(one: Store, other: Store, attempt: Attempt): Promise<void> {
  const tagged = await attempt(() => one.lookup('tagged:1', NO_GRACE))
  if (tagged?.kind === 'lease') {
    await attempt(() => one.fill('tagged:1', tagged.lease, value, TTL_MS, ['row:1']))
  }
  await attempt(() => other.tagged(['row:1'], 10))
  await attempt(() => other.browse({ prefix: 'tagged:', limit: 10 }))
  await attempt(() => other.count('tagged:'))
  await attempt(() => lookAtEachOther(one, other))
  await attempt(() => other.evict([{ kind: 'tag', tag: 'row:1' }]))
  const fence = await attempt(() => one.fence('row'))
  await attempt(() => one.put('row:3', String(fence), value, TTL_MS, 'if-absent'))
  await attempt(() => one.put('row:3', String(fence), value, TTL_MS, 'replace'))
  await attempt(() => other.evict([{ kind: 'key', key: 'row:3' }]))
  await attempt(() => other.evict([{ kind: 'pattern', pattern: 'item:*' }]))
  await attempt(() => other.post([{ kind: 'key', key: 'limited:1' }]))
  await attempt(() => other.evict([{ kind: 'glob', glob: '*' }]))
}
