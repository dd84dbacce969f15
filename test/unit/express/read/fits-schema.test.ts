import { brotliCompressSync } from 'node:zlib'
import { expect } from 'chai'
import type { CacheRequest } from '#src/express/read/cache-request.js'
import { fitsSchema, fittingReading } from '#src/express/read/fits-schema.js'
import { JSON_TYPE, type Representation } from '#src/http/representation.js'
import { cacheableRule } from '../../rules/rules-for-tests.js'

const TEXT = '{"name":"a"}'

/** Another deploy may have stored compressed what this one's rule has a schema for. */
const compressed = (text: string): Representation => ({
  ...{ status: 200, headers: { 'content-type': JSON_TYPE } },
  ...{ body: brotliCompressSync(text), encoding: 'br' },
})

describe('fitsSchema', () => {
  let judged: unknown[]
  const requestOf = (maxBodyBytes = 1_000): CacheRequest => {
    const validate = (value: unknown) => {
      judged.push(value)
      return Object(value).name === 'a' ? { value } : { issues: [{ message: 'no a' }] }
    }
    const rule = { ...cacheableRule('item:{id}'), schema: { '~standard': { validate } } }
    return { rule, context: { emit: () => {}, maxBodyBytes } } as unknown as CacheRequest
  }
  beforeEach(() => {
    judged = []
  })

  it('unpacks a compressed body, and judges it once', async () => {
    const request = requestOf()
    const answer = compressed(TEXT)
    expect(await fitsSchema(request, answer)).to.equal(true)
    expect(fitsSchema(request, answer)).to.equal(true)
    expect(judged).to.deep.equal([{ name: 'a' }])
    expect(await fitsSchema(request, compressed('{"name":"b"}'))).to.equal(false)
  })

  it('is not met by a body that cannot be unpacked, or becomes too large', async () => {
    expect(await fitsSchema(requestOf(), { ...compressed(TEXT), body: Buffer.from(TEXT) })).to.equal(false)
    expect(await fitsSchema(requestOf(TEXT.length - 1), compressed(TEXT))).to.equal(false)
    expect(judged).to.deep.equal([])
  })

  it('leaves nothing of a hit that does not fit', async () => {
    const hit = { kind: 'hit', answer: compressed('{}'), remainingMs: 1 } as const
    expect(await fittingReading(requestOf(), hit)).to.equal(null)
  })
})
