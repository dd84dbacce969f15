import { expect } from 'chai'
import { quietLogger } from '#src/logger.js'

describe('quietLogger', () => {
  it('says what is wrong, and is otherwise silent', () => {
    const said: string[] = []
    const { debug, info, warn, error } = console
    for (const level of ['debug', 'info', 'warn', 'error'] as const) {
      console[level] = (message: string) => void said.push(`${level} ${message}`)
    }
    try {
      quietLogger.debug('a')
      quietLogger.info('b')
      quietLogger.warn('c')
      quietLogger.error('d')
    } finally {
      Object.assign(console, { debug, info, warn, error })
    }
    expect(said).to.deep.equal(['warn c', 'error d'])
  })
})
