import { LRUCache } from 'lru-cache'
import { newCache } from 'transitory'
import { SegmentedLru } from '#src/stores/memory/segmented-lru.js'
import type { Policy, PolicyCache, PolicyOptions } from './policy.js'
import { S3Fifo } from './s3-fifo.js'
import { Sieve } from './sieve.js'

/** What the others are compared with. */
export const LRU: Policy = { name: 'LRU', create: lru }
/** What the process tier and the in-process store use. */
export const OURS: Policy = { name: 'segmented LRU', create: segmentedLru }

export const POLICIES: readonly Policy[] = [
  LRU,
  OURS,
  { name: 'SIEVE', create: (options) => new Sieve(options) },
  { name: 'S3-FIFO', create: (options) => new S3Fifo(options) },
  { name: 'W-TinyLFU', create: wTinyLfu },
]

function lru({ maxBytes }: PolicyOptions): PolicyCache {
  const cache = new LRUCache<string, Entry>({ maxSize: maxBytes, sizeCalculation: bytesOf })
  return {
    get: (key) => cache.get(key) !== undefined,
    set: (key, bytes) => void cache.set(key, { key, bytes }),
    delete: (key) => void cache.delete(key),
  }
}

function segmentedLru({ maxBytes, isOld }: PolicyOptions): PolicyCache {
  const cache = new SegmentedLru<Entry>({
    ...{ maxBytes, bytesOf },
    isOver: ({ key }) => isOld(key),
    onGone() {},
  })
  return {
    get: (key) => cache.get(key) !== undefined,
    set: (key, bytes) => void cache.set(key, { key, bytes }),
    delete: (key) => cache.delete(key),
  }
}

/** By `transitory`, the one package that weighs its entries. */
function wTinyLfu({ maxBytes }: PolicyOptions): PolicyCache {
  const cache = newCache<string, Entry>()
    .withWeigher((_key, entry) => bytesOf(entry))
    .maxSize(maxBytes)
    .build()
  return {
    get: (key) => cache.getIfPresent(key) !== null,
    set: (key, bytes) => void cache.set(key, { key, bytes }),
    delete: (key) => void cache.delete(key),
  }
}

interface Entry {
  readonly key: string
  readonly bytes: number
}

function bytesOf({ bytes }: Entry): number {
  return bytes
}
