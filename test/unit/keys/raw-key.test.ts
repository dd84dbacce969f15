import { expect } from 'chai'
import { CacheError } from '#src/errors.js'
import { refusalOfKey, requireGlob, requireKey } from '#src/keys/raw-key.js'

const thrownBy = (call: () => void): unknown => {
  try {
    call()
    return undefined
  } catch (error) {
    return error
  }
}

describe('a key that a caller gives', () => {
  for (const key of [
    'a',
    'customer:42',
    'row:1#accept-language=de',
    'lease',
    'ключ',
    'a{b}c',
    'ticket#5',
    'row:1#index-page=2',
    '{crm:row:1}#leases',
    'k'.repeat(1_024),
  ]) {
    it(`is one: ${key.slice(0, 30)}`, () => {
      expect(refusalOfKey(key)).to.equal(undefined)
    })
  }

  for (const [key, refusal] of [
    [undefined, 'is no text'],
    ['', 'is empty'],
    ['k'.repeat(1_025), 'is over 1024 bytes'],
    ['é'.repeat(513), 'is over 1024 bytes'],
    ['a\ud800', 'has half a character in it'],
    ['#index', 'is a name of the cache itself'],
    ['#{3}fences', 'is a name of the cache itself'],
    ['crm:#index', 'is a name of the cache itself'],
    ['crm:#index:0001732795200000', 'is a name of the cache itself'],
    ['crm#index#nothing', 'is a name of the cache itself'],
    ['crm:#lease:row:1', 'is a name of the cache itself'],
    ['crm:#{3}index', 'is a name of the cache itself'],
  ] as const) {
    it(`is none if it ${refusal}: ${String(key).slice(0, 30)}`, () => {
      expect(refusalOfKey(key)).to.equal(refusal)
      const thrown = thrownBy(() => requireKey(key, 'cache.set'))
      expect(thrown).to.be.instanceOf(CacheError).with.property('code', 'E_CACHE_KEY')
    })
  }
})

describe('a glob that a caller gives', () => {
  it('may name what no key may, since it reaches keys alone', () => {
    for (const glob of ['*', '#*', '*#lease', '[a-c]']) requireGlob(glob, 'cache.deletePattern')
  })

  it('is none if it is longer than any key needs', () => {
    const thrown = thrownBy(() => requireGlob('*'.repeat(5_000), 'cache.deletePattern'))
    expect(thrown).to.be.instanceOf(CacheError).with.property('code', 'E_CACHE_KEY')
    expect(String(thrown)).to.have.lengthOf.below(300)
  })
})
