import { createHash } from 'node:crypto'
import { Redis } from 'ioredis'
import { addFresh, FRESH_TTL_SECONDS, NAME_HEADER } from './fresh.js'
import { headOfHit, JSON_TYPE, pathOf, quickBody, type Size, TTL_SECONDS, USUAL_SIZES } from './items.js'
import { itemApp, type Means, type Subject } from './subject.js'

/** The least that can be done with Redis inside Express: the stored bytes, without an ETag. */
export const getBufferByHand: Subject = {
  name: 'getBuffer and res.end by hand, Redis',
  start({ redisUrl, load }) {
    const redis = new Redis(redisUrl)
    return itemApp(async ({ params: { size } }, res) => {
      const body = (await redis.getBuffer(keyOf(size))) ?? (await store(redis, size, load))
      res.setHeader('Content-Type', JSON_TYPE)
      res.setHeader('Content-Length', body.length)
      res.end(body)
    })
  },
}

/** The least that can be done with Redis in front of an Express app. */
export const getBufferInFront: Subject = {
  name: 'getBuffer in front of an Express app, Redis',
  start({ redisUrl, load }) {
    const redis = new Redis(redisUrl)
    const sizes = new Map(USUAL_SIZES.map((size) => [pathOf(size), size]))
    const otherwise = itemApp((_req, res) => void res.sendStatus(404))
    return async (req, res) => {
      const size = sizes.get(req.url ?? '')
      if (!size) return otherwise(req, res)
      const body = (await redis.getBuffer(keyOf(size))) ?? (await store(redis, size, load))
      res.writeHead(200, { 'Content-Type': JSON_TYPE, 'Content-Length': body.length }).end(body)
    }
  },
}

/** The least that can be done inside Express with answers in memory: kept bytes, and 304 for who has them. */
export const mapByHand = mapOf('Map and res.end by hand, memory', (body) => {
  const tag = `"${createHash('sha1').update(body).digest('base64url')}"`
  return { head: { 'Content-Type': JSON_TYPE, 'Content-Length': String(body.length), ETag: tag }, body }
})

/** The same with all that the head of a hit says, and with bodies as Node sends them fastest. */
export const mapWithHead = mapOf('Map by hand, with the head of a hit, memory', (body) => {
  return { head: headOfHit(body), body: quickBody(body) }
})

/** As the guide has it: a value that is parsed on each hit, for Express to make JSON of it again. */
export const guideByHand: Subject = {
  name: `the guide's code, Redis`,
  start({ redisUrl, load }) {
    const redis = new Redis(redisUrl)
    const cacheGet = async (key: string): Promise<unknown> => {
      try {
        const text = await redis.get(key)
        return text === null ? null : JSON.parse(text)
      } catch {
        return null
      }
    }
    return itemApp(async ({ params: { size } }, res) => {
      const cached = await cacheGet(keyOf(size))
      if (cached !== null) {
        res.json(cached)
        return
      }
      await store(redis, size, load)
      res.json(load(size))
    })
  },
}

/** As one writes it who has thought of the parsing: the text goes straight through, Express makes the ETag. */
export const carefulByHand: Subject = {
  name: 'careful hand-written code, Redis',
  start({ redisUrl, load }) {
    const redis = new Redis(redisUrl)
    const app = itemApp(async ({ params: { size } }, res) => {
      const text = (await redis.get(keyOf(size))) ?? String(await store(redis, size, load))
      res.type('json').send(text)
    })
    return addFresh(app, async ({ params: { size }, headers }, res) => {
      const key = `fresh:${size}:${headers[NAME_HEADER]}`
      const text = (await redis.get(key)) ?? JSON.stringify(load(size))
      res.type('json').send(text)
      // The answer does not wait for the store.
      await redis.set(key, text, 'EX', FRESH_TTL_SECONDS)
    })
  },
}

interface Kept {
  readonly head: Readonly<Record<string, string>>
  /** A text has the bytes as its characters (Latin-1). */
  readonly body: Buffer | string
}

function mapOf(name: string, keep: (body: Buffer) => Kept): Subject {
  return {
    name,
    start({ load }) {
      const answers = new Map<Size, Kept>()
      return itemApp(({ params: { size }, headers }, res) => {
        const kept = answers.get(size) ?? keep(Buffer.from(JSON.stringify(load(size))))
        answers.set(size, kept)
        if (headers['if-none-match'] === kept.head.ETag) res.writeHead(304, { ETag: kept.head.ETag }).end()
        else res.writeHead(200, kept.head).end(kept.body, 'latin1')
      })
    },
  }
}

function keyOf(size: Size): string {
  return `item:${size}`
}

async function store(redis: Redis, size: Size, load: Means['load']): Promise<Buffer> {
  const body = Buffer.from(JSON.stringify(load(size)))
  await redis.set(keyOf(size), body, 'EX', TTL_SECONDS)
  return body
}
