import { expect } from 'chai'
import { deferred } from '#src/tools/deferred.js'

describe('deferred', () => {
  it('gives what it is resolved with first, and nothing else', async () => {
    const answer = deferred<number>()
    answer.resolve(1)
    answer.resolve(2)
    answer.reject(new Error('late'))
    expect(await answer.promise).to.equal(1)
  })

  it('rejects with what it is told', async () => {
    const answer = deferred<number>()
    const error = new Error('no answer')
    answer.reject(error)
    expect(await answer.promise.catch((reason) => reason)).to.equal(error)
  })
})
