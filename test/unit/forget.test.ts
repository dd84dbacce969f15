import { expect } from 'chai'
import { CacheError, createCache } from 'express-cacheable'

describe('cache.forget', () => {
  const refused: readonly [what: string, subject: unknown, options?: unknown][] = [
    ['nobody', {}],
    ['null', null],
    ['a text', '42'],
    ['a list', ['42']],
    ['an empty text', { user: '' }],
    ['an object', { user: { id: 42 } }],
    ['undefined', { user: undefined }],
    ['no number', { user: Number.NaN }],
    ['half a character', { user: '\ud800' }],
    ['what is too long for a key', { user: 'a'.repeat(1_025) }],
    ['an option that there is not', { user: 42 }, { table: {} }],
    ['tables that are none', { user: 42 }, { tables: ['users'] }],
    ['a table without columns', { user: 42 }, { tables: { users: [] } }],
    ['a column that is no text', { user: 42 }, { tables: { users: 1 } }],
    ['no time to wait', { user: 42 }, { waitMs: 0 }],
  ]
  for (const [what, subject, options] of refused) {
    it(`refuses ${what}, and removes nothing`, async () => {
      const cache = createCache()
      await cache.set('user:42', 1)
      const error = await cache.forget(subject as never, options as never).catch((thrown: unknown) => thrown)
      expect(error).to.be.instanceOf(CacheError).with.property('code', 'E_CACHE_OPTION')
      expect(await cache.get('user:42')).to.equal(1)
      await cache.close()
    })
  }

  it('finds what rules, and keys that others write, put letters or digits right beside', async () => {
    const cache = createCache({ externalKeys: ['job:j{id}'] })
    cache.cacheable('page:u{id}', 60, { tags: ['by{result.author}'] })
    for (const key of ['page:u4', 'page:u44', 'job:j4', 'other:o4']) await cache.set(key, 1)
    await cache.wrap('feed', 60, () => 1, { tags: ['by4'] })
    expect(await cache.forget({ user: 4 })).to.deep.include({ removed: 3 })
    expect(await cache.getMany(['page:u44', 'other:o4'])).to.deep.equal([1, 1])
    await cache.close()
  })

  it('takes texts, numbers and bigints, several at once', async () => {
    const cache = createCache()
    for (const key of ['a:x%20y', 'b:4', 'c:12345678901234567890', 'd:5']) await cache.set(key, 1)
    const { removed } = await cache.forget({ one: 'x y', two: 4, three: 12345678901234567890n })
    expect(removed).to.equal(3)
    expect(await cache.get('d:5')).to.equal(1)
    await cache.close()
  })
})
