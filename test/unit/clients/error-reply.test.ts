import { expect } from 'chai'
import { ReplyError } from 'ioredis'
import { ClientClosedError, ErrorReply, SocketClosedUnexpectedlyError } from 'redis'
import { errorReplyIn, isErrorReply } from '#src/clients/error-reply.js'

describe('isErrorReply', () => {
  for (const message of [
    'OOM command not allowed when used memory > maxmemory',
    'ERR unknown command',
    'NOSCRIPT No matching script. Please use EVAL.',
    'READONLY You cannot write against a read only replica.',
  ]) {
    it(`is true of what Redis has sent, by either client: ${message}`, () => {
      expect(isErrorReply(new ErrorReply(message))).to.equal(true)
      expect(isErrorReply(new ReplyError(message))).to.equal(true)
    })
  }

  it('is false of what a client says itself, and of what its socket says', () => {
    const refused = Object.assign(new Error('ECONNREFUSED nobody listens'), { code: 'ECONNREFUSED' })
    for (const error of [new ClientClosedError(), new SocketClosedUnexpectedlyError(), refused, 'ERR text']) {
      expect(isErrorReply(error)).to.equal(false)
    }
  })

  it('is asked of the last server where a cluster failed on all', () => {
    const reply = new ReplyError('NOPERM this user')
    const failed = Object.assign(new Error('Failed to refresh slots cache.'), { lastNodeError: reply })
    expect(errorReplyIn(failed)).to.equal(reply)
    expect(errorReplyIn(new Error('Failed to refresh slots cache.'))).to.equal(null)
  })
})
