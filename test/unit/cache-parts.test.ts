import { createRequire } from 'node:module'
import { expect } from 'chai'
import { createCache } from '#src/cache.js'
import { partsOf } from '#src/cache-parts.js'
import { thrown } from './thrown.js'

const require = createRequire(import.meta.url)

/** As where two copies of it are installed. */
function loadAgain(): typeof import('#src/cache-parts.js') {
  const file = require.resolve('#src/cache-parts.js')
  const loaded = require.cache[file]
  delete require.cache[file]
  try {
    return require(file)
  } finally {
    require.cache[file] = loaded
  }
}

describe('partsOf', () => {
  it('finds the parts of a cache, which its fields and printouts do not show', async () => {
    const cache = createCache()
    expect(partsOf(cache).store.kind).to.equal('memory')
    expect(Object.getOwnPropertyNames(cache)).to.deep.equal([])
    expect(JSON.stringify(cache)).to.equal('{}')
    await cache.close()
  })

  it('finds them where the package has been loaded twice', async () => {
    const again = loadAgain()
    expect(again.partsOf).not.to.equal(partsOf)
    const cache = createCache()
    expect(again.partsOf(cache)).to.equal(partsOf(cache))
    await cache.close()
  })

  it('says what to pass instead of something that is no cache', () => {
    expect(thrown(() => partsOf({}))).to.include({
      code: 'E_CACHE_OPTION',
      mend: 'Pass what createCache() gave.',
    })
  })
})
