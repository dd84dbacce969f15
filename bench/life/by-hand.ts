import { Redis } from 'ioredis'
import { scanAndDelete } from '../scan-and-delete.js'
import { TTL_SECONDS } from './ours.js'
import { keyedApp, type Subject } from './subject.js'
import { groupOf, nameOf, type Value } from './things.js'

/** What SCAN looks at in one call, unless it is told otherwise in the guide's code. */
const SCAN_COUNT = 100
/** How long careful code waits for Redis. */
const COMMAND_TIMEOUT_MS = 100

/** As the guide has it: a lookup, a store and, for lists, a deletion by pattern; no trouble with Redis is an error. */
export const guideByHand: Subject = {
  name: `the guide's code`,
  start(means) {
    const redis = new Redis(means.redisUrl)
    const harmless = <Result>(work: Promise<Result>) => work.catch(() => null)
    return keyedApp(means, {
      async read(name, load) {
        const cached = await harmless(redis.get(name))
        if (cached !== null) return JSON.parse(cached) as Value
        const value = await load()
        await harmless(redis.set(name, JSON.stringify(value), 'EX', TTL_SECONDS))
        return value
      },
      async evict(_names, thing) {
        await harmless(redis.del(nameOf(thing)))
        await harmless(scanAndDelete(redis, `group:${groupOf(thing)}:list:*`, SCAN_COUNT))
      },
    })
  },
}

/**
 * As one writes it who has thought of the parsing, of many who ask for the same at once, of a Redis that does not answer,
 * and of the keys of the lists, which it names.
 */
export const carefulByHand: Subject = {
  name: 'careful hand-written code',
  start(means) {
    const redis = new Redis(means.redisUrl, {
      commandTimeout: COMMAND_TIMEOUT_MS,
      maxRetriesPerRequest: 1,
      enableOfflineQueue: false,
    })
    redis.on('error', () => {})
    const loads = new Map<string, Promise<string>>()
    const loadOnce = (name: string, load: () => Promise<Value>): Promise<string> => {
      const underWay = loads.get(name)
      if (underWay) return underWay
      const loading = load()
        .then((value) => JSON.stringify(value))
        .finally(() => loads.delete(name))
      loads.set(name, loading)
      // The answer does not wait for the store.
      loading.then((text) => redis.set(name, text, 'EX', TTL_SECONDS)).catch(() => {})
      return loading
    }
    return keyedApp(means, {
      async read(name, load) {
        const cached = await redis.get(name).catch(() => null)
        return cached ?? loadOnce(name, load)
      },
      evict: (names) => redis.del(names).catch(() => {}),
    })
  },
}
