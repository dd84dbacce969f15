import express from 'express'
import { createCache } from 'express-cacheable'
import request from 'supertest'

const cache = createCache()
const app = express()
let name = 'Ada'

app.get('/names/:id', cache.cacheable('name:{id}', '10m'), (req, res) => {
  res.json({ id: req.params.id, name })
})
app.put('/names/:id', cache.evict('name:{id}'), (req, res) => {
  name = String(req.query.name)
  res.json({ id: req.params.id, name })
})

beforeAll(() => cache.ready(app))
afterAll(() => cache.close())

test('a miss, a hit, a write, a miss', async () => {
  expect((await request(app).get('/names/1')).headers['x-cache']).toBe('MISS')
  const hit = await request(app).get('/names/1')
  expect([hit.headers['x-cache'], hit.body.name]).toEqual(['HIT', 'Ada'])
  expect((await request(app).put('/names/1?name=Grace')).status).toBe(200)
  const miss = await request(app).get('/names/1')
  expect([miss.headers['x-cache'], miss.body.name]).toEqual(['MISS', 'Grace'])
})
