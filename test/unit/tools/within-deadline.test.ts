import { once } from 'node:events'
import { connect } from 'node:net'
import { Worker } from 'node:worker_threads'
import { expect } from 'chai'
import { LATE, withinDeadline } from '#src/tools/within-deadline.js'
import { install } from '../../support/fake-time.js'
import { gate } from '../../support/gate.js'

describe('withinDeadline', () => {
  it('gives the answer', async () => {
    expect(await withinDeadline(Promise.resolve(1), 1_000)).to.equal(1)
  })

  it('passes a failure on', async () => {
    const outcome = await withinDeadline(Promise.reject(new Error('no')), 1_000).catch(
      (error) => error.message,
    )
    expect(outcome).to.equal('no')
  })

  it('gives up on an answer that does not come, and swallows what becomes of it', async () => {
    let fail = (_error: Error) => {}
    const answer = new Promise<number>((_resolve, reject) => {
      fail = reject
    })
    expect(await withinDeadline(answer, 1)).to.equal(LATE)
    // An unhandled rejection would fail the run.
    fail(new Error('too late to matter'))
  })

  it('leaves no timer behind', async () => {
    const clock = install({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const { wait, open } = gate()
      const waiting = withinDeadline(wait, 60_000)
      expect(clock.countTimers()).to.equal(1)
      open()
      await waiting
      expect(clock.countTimers()).to.equal(0)
    } finally {
      clock.uninstall()
    }
  })

  it('does not call an answer late that arrived while this process was busy', async () => {
    const echo = new Worker(
      `const { createServer } = require('node:net')
       const { parentPort } = require('node:worker_threads')
       const server = createServer((socket) => socket.pipe(socket))
       server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))`,
      { eval: true },
    )
    const [port] = await once(echo, 'message')
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    const answer = withinDeadline(once(socket, 'data'), 20)
    socket.write('ping')
    await new Promise(setImmediate)
    const busyUntil = performance.now() + 200
    while (performance.now() < busyUntil);
    expect(await answer).to.not.equal(LATE)
    socket.destroy()
    await echo.terminate()
  })
})
