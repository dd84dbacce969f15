import { LRUCache } from 'lru-cache'
import { newCache } from 'transitory'
import type { Policy, PolicyCache } from './policy.js'
import { S3Fifo } from './s3-fifo.js'
import { Sieve } from './sieve.js'

/** The first is what the process tier uses. */
export const POLICIES: readonly Policy[] = [
  { name: 'LRU', by: 'lru-cache', create: lru },
  { name: 'SIEVE', by: 'simulated', create: (maxBytes) => new Sieve(maxBytes) },
  { name: 'S3-FIFO', by: 'simulated', create: (maxBytes) => new S3Fifo(maxBytes) },
  { name: 'W-TinyLFU', by: 'transitory', create: wTinyLfu },
]

function lru(maxBytes: number): PolicyCache {
  const cache = new LRUCache<string, number>({ maxSize: maxBytes, sizeCalculation: (bytes) => bytes })
  return {
    get: (key) => cache.get(key) !== undefined,
    set: (key, bytes) => void cache.set(key, bytes),
    delete: (key) => void cache.delete(key),
    get bytes() {
      return cache.calculatedSize
    },
  }
}

function wTinyLfu(maxBytes: number): PolicyCache {
  const cache = newCache<string, number>()
    .withWeigher((_key, bytes) => bytes)
    .maxSize(maxBytes)
    .build()
  return {
    get: (key) => cache.getIfPresent(key) !== null,
    set: (key, bytes) => void cache.set(key, bytes),
    delete: (key) => void cache.delete(key),
    get bytes() {
      return cache.weightedSize
    },
  }
}
