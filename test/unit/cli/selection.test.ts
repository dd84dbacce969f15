import { expect } from 'chai'
import { CliError } from '#src/cli/cli-error.js'
import { keyFilter, patternSelector } from '#src/cli/selection.js'
import { unreachable } from '#src/cli/unreachable.js'
import { thrown } from '../thrown.js'

describe('what a command line selects', () => {
  it('is a pattern of whole segments, or what keys begin with', () => {
    const pattern = keyFilter('customers:*:10')
    expect(pattern.prefix).to.equal('customers:')
    expect(['customers:1:10', 'customers:1:100', 'customers:10'].map(pattern.covers)).to.deep.equal([
      ...[true, false, false],
    ])
    const beginning = keyFilter('customer:4')
    expect(beginning.prefix).to.equal('customer:4')
    expect(beginning.covers('customer:42')).to.equal(true)
    expect(keyFilter('').prefix).to.equal('')
  })

  it('is evicted by a pattern or as a key, as a rule would', () => {
    expect(patternSelector('customers:*')).to.deep.equal({ kind: 'pattern', pattern: 'customers:*' })
    expect(patternSelector('customer:42')).to.deep.equal({ kind: 'key', key: 'customer:42' })
  })

  it('is refused where a star stands for a part of a segment, or for the bookkeeping', () => {
    for (const select of [keyFilter, patternSelector]) {
      expect(() => select('customers:4*'))
        .to.throw(CliError, /'4\*'/)
        .with.property('mend')
        .that.includes("'customers:*'")
    }
    expect(thrown(() => patternSelector('#index'))).to.have.property('code', 'E_CACHE_KEY')
  })
})

describe('unreachable', () => {
  it('says why, and what to do, for what clients and servers say', () => {
    const said = [
      'connect ECONNREFUSED 127.0.0.1:6379',
      'getaddrinfo ENOTFOUND redis',
      'WRONGPASS invalid username-password pair or user is disabled.',
      'NOAUTH Authentication required.',
      'self-signed certificate',
    ].map((message) => unreachable('h:6379', new Error(message)))
    expect(
      said.map(({ message }) => message.replace('Redis at h:6379 cannot be reached: ', '')),
    ).to.deep.equal([
      'nothing listens there',
      'there is no host of that name',
      'it does not take the user or the password of the URL',
      'it wants a password, and the URL has none',
      'TLS fails between here and there',
    ])
    expect(new Set(said.map(({ mend }) => mend)).size).to.equal(5)
  })

  it('knows an error by its code where that has no message, and keeps a reason that it does not know', () => {
    const several = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' })
    expect(unreachable('h', several).message).to.include('nothing listens there')
    expect(unreachable('h', new Error('LOADING the dataset.')).message).to.match(/: LOADING the dataset$/)
    expect(unreachable('h', undefined).message).to.include('did not answer in time')
  })
})
