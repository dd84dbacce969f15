import { inspect } from 'node:util'
import { expect } from 'chai'
import { CACHE_ERROR_CODES, CacheError } from '#src/errors.js'

describe('CacheError', () => {
  it('says its code, where, what and the mend, in this order', () => {
    const error = new CacheError('E_CACHE_TTL', {
      where: 'UserController.getUser',
      problem: 'the TTL -1 is not a positive duration',
      mend: 'Give seconds.',
    })
    expect(error.message).to.equal(
      '[E_CACHE_TTL] UserController.getUser: the TTL -1 is not a positive duration. Give seconds.',
    )
    expect(error).to.be.an.instanceOf(Error)
    expect(error).to.include({
      name: 'CacheError',
      code: 'E_CACHE_TTL',
      where: 'UserController.getUser',
      mend: 'Give seconds.',
    })
  })

  it('leaves out the place when there is none', () => {
    const error = new CacheError('E_CACHE_BUS', { problem: 'it is closed', mend: 'Open it.' })
    expect(error.message).to.equal('[E_CACHE_BUS] it is closed. Open it.')
    expect(error.where).to.equal(undefined)
  })

  it('is printed with the address of what explains it', () => {
    const error = new CacheError('E_CACHE_BUS', { problem: 'it is closed', mend: 'Open it.' })
    expect(inspect(error)).to.include(`help: '${error.help}'`)
  })

  it('keeps its cause, and has none unless given', () => {
    const cause = new TypeError('cycle')
    expect(new CacheError('E_CACHE_VALUE', { problem: 'p', mend: 'm', cause }).cause).to.equal(cause)
    expect(new CacheError('E_CACHE_VALUE', { problem: 'p', mend: 'm' })).not.to.have.property('cause')
  })

  it('has codes that are all different, begin with E_CACHE_ and stand in order', () => {
    expect([...new Set(CACHE_ERROR_CODES)].sort()).to.deep.equal([...CACHE_ERROR_CODES])
    for (const code of CACHE_ERROR_CODES) expect(code).to.match(/^E_CACHE_[A-Z_]+$/)
  })
})
