import { once } from 'node:events'
import { Readable } from 'node:stream'
import { expect } from 'chai'
import { answerOf } from '../../support/answer-of.js'
import { gate } from '../../support/gate.js'
import { openRaw, parseAnswer, readToEnd } from '../../support/raw-http.js'
import { until } from '../../support/until.js'
import { onEachExpress } from './served.js'

const MIB = 1024 * 1024

onEachExpress('issue 13, case 6: a reload has a socket of its own', (serve) => {
  it('leaves the client alone that got the stale answer, when it fails', async () => {
    const { app, cache, start } = serve({ maxBodyBytes: 16 * MIB })
    const body = 'x'.repeat(12 * MIB)
    let loads = 0
    const failed = gate()
    app.get('/large', cache.cacheable('large', '1ms', { staleWhileRevalidate: 60 }), (req, res, next) => {
      loads += 1
      if (loads === 1) {
        res.send(body)
        return
      }
      req.socket.once('close', failed.open)
      res.once('close', failed.open)
      res.write('partial')
      next(new Error('boom'))
    })
    const url = await start()
    await answerOf(`${url}/large`)
    // The first answer has taken longer to come than it may be kept.
    const socket = await openRaw(url, { target: '/large' })
    await once(socket, 'readable')
    await failed.wait
    const answer = parseAnswer(await readToEnd(socket))
    expect([answer.header('x-cache'), answer.isComplete, answer.body.length]).to.deep.equal([
      'STALE',
      true,
      body.length,
    ])
  })
})

onEachExpress('issue 13, case 11: a client that goes away', (serve) => {
  for (const [title, finish] of [
    ['does not answer', undefined],
    ['pipes into the closed response', ['one', 'two']],
  ] as const) {
    it(`has its write evicted by a handler that ${title}`, async () => {
      const { app, cache, start } = serve()
      const written = gate()
      app.put('/thing', cache.evict('thing'), async (_req, res) => {
        const closed = once(res, 'close')
        written.open()
        await closed
        if (finish) Readable.from(finish).pipe(res)
      })
      app.get('/thing', cache.cacheable('thing', 60), (_req, res) => void res.json({}))
      const url = await start()
      await answerOf(`${url}/thing`)
      const socket = await openRaw(url, {
        method: 'PUT',
        target: '/thing',
        headers: { 'Content-Length': '0' },
      })
      await written.wait
      socket.destroy()
      await until('the eviction', async () => (await cache.get('thing')) === null, { deadlineMs: 2_000 })
    })
  }

  it('and one that does not read keeps nobody else waiting', async () => {
    const { app, cache, start } = serve({ maxBodyBytes: 16 * MIB })
    const stalled = gate()
    app.get('/large', cache.cacheable('large', 60), (_req, res) => {
      const pieces = Array.from({ length: 12 }, () => Buffer.alloc(MIB, 'x'))
      Readable.from(pieces).pipe(res)
      stalled.open()
    })
    const url = await start()
    const slow = await openRaw(url, { target: '/large' })
    slow.pause()
    await stalled.wait
    const other = await answerOf(`${url}/large`, { signal: AbortSignal.timeout(5_000) })
    expect(other.body.length).to.equal(12 * MIB)
    slow.destroy()
  })
})

onEachExpress('issue 13, case 12: a head that forbids storing is known at the head', (serve) => {
  for (const [title, headers] of [
    ['an event stream', { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' }],
    ['an event stream that says nothing of caches', { 'Content-Type': 'text/event-stream' }],
    ['a stream with no-store', { 'Content-Type': 'text/plain', 'Cache-Control': 'no-store' }],
  ] as const) {
    it(`lets those go who wait: ${title}`, async () => {
      const { app, cache, start } = serve()
      let streams = 0
      app.get('/events', cache.cacheable('events', 60), (_req, res) => {
        streams += 1
        res.set(headers)
        res.write(`data: ${streams}\n\n`)
      })
      const url = await start()
      const open = await Promise.all([1, 2].map(() => openRaw(url, { target: '/events' })))
      const firsts = open.map((socket) => once(socket, 'data', { signal: AbortSignal.timeout(3_000) }))
      const texts = (await Promise.all(firsts)).map(([chunk]) => String(chunk))
      expect(texts.every((text) => text.includes('data: '))).to.equal(true)
      expect(streams).to.equal(2)
      for (const socket of open) socket.destroy()
    })
  }
})
