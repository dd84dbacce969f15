import { after, before, beforeEach, describe, it, mock } from 'node:test'
import request from 'supertest'
import { createApp } from './app.js'

describe('customers', () => {
  const { app, cache, names } = createApp()

  before(() => cache.ready(app))
  beforeEach(async () => {
    names.clear()
    names.set('42', 'Ada')
    await cache.clear()
  })
  after(() => cache.close())

  it('are asked for once', async () => {
    await request(app).get('/customers/42').expect('X-Cache', 'MISS').expect(200, { name: 'Ada' })
    await request(app).get('/customers/42').expect('X-Cache', 'HIT').expect(200, { name: 'Ada' })
  })

  it('are new after a write', async () => {
    await request(app).get('/customers/42')
    await request(app).put('/customers/42').send({ name: 'Grace' }).expect(204)
    await request(app).get('/customers/42').expect('X-Cache', 'MISS').expect(200, { name: 'Grace' })
  })

  it('are new after a fixture that writes behind the cache, once that says so', async () => {
    await request(app).get('/customers/42')
    names.set('42', 'Grace')
    await cache.delete('customer:42')
    await request(app).get('/customers/42').expect('X-Cache', 'MISS').expect(200, { name: 'Grace' })
  })

  it('are answered while time stands still', async () => {
    mock.timers.enable()
    try {
      await request(app).get('/customers/42').expect('X-Cache', 'MISS')
      await request(app).get('/customers/42').expect('X-Cache', 'HIT')
    } finally {
      mock.timers.reset()
    }
  })
})

describe('customers, with the cache switched off', () => {
  it('are asked for each time, and no Redis is', async () => {
    const { app } = createApp({ redis: 'redis://no-such-host:6379', enabled: false })
    await request(app).get('/customers/42').expect('X-Cache', 'BYPASS')
    await request(app).get('/customers/42').expect('X-Cache', 'BYPASS')
  })
})
