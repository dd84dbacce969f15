import { expect } from 'chai'
import { ConnectionState } from '#src/stores/redis/connection-state.js'
import { deferred } from '#src/tools/deferred.js'

describe('ConnectionState', () => {
  it('runs one handshake for all who need it on one connection', async () => {
    let handshakes = 0
    const state = new ConnectionState(async () => {
      handshakes += 1
    })
    expect(state.isReady).to.equal(false)
    await Promise.all([state.handshake(), state.handshake()])
    await state.handshake()
    expect([handshakes, state.isReady]).to.deep.equal([1, true])
  })

  it('runs another on the next connection', async () => {
    let handshakes = 0
    const state = new ConnectionState(async () => {
      handshakes += 1
    })
    await state.handshake()
    const before = state.number
    state.lose()
    expect([state.isReady, state.number !== before]).to.deep.equal([false, true])
    await state.handshake()
    expect([handshakes, state.isReady]).to.deep.equal([2, true])
  })

  it('runs it again if it failed', async () => {
    const outcomes = [Promise.reject(new Error('no')), Promise.resolve()]
    const state = new ConnectionState(() => outcomes.shift() ?? Promise.resolve())
    expect(await state.handshake().catch((error: Error) => error.message)).to.equal('no')
    expect(state.isReady).to.equal(false)
    await state.handshake()
    expect(state.isReady).to.equal(true)
  })

  it('does not take the end of a lost connection’s handshake for that of the next', async () => {
    const first = deferred<void>()
    const second = deferred<void>()
    const handshakes = [first, second]
    const state = new ConnectionState(() => handshakes.shift()?.promise ?? Promise.resolve())
    const lost = state.handshake()
    state.lose()
    const next = state.handshake()
    first.resolve()
    await lost
    expect(state.isReady).to.equal(false)
    second.resolve()
    await next
    expect(state.isReady).to.equal(true)
  })
})
