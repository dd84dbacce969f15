import type { RequestListener } from 'node:http'
import { headOfHit, JSON_TYPE, pathOf, quickBody, textOf, USUAL_SIZES } from './items.js'
import { itemApp, type Subject } from './subject.js'

/** What no server written in Node can be faster than. */
export const bareNode: Subject = {
  name: 'bare node:http',
  start: () => answerConstants((_req, res) => res.writeHead(404).end()),
}

/** What no cache in front of an Express app can be faster than. */
export const constantInFront: Subject = {
  name: 'constant in front of an Express app',
  start: () => answerConstants(itemApp((_req, res) => void res.sendStatus(404))),
}

/** What no cache can be faster than that says what it has done, and lets its clients ask whether they have the answer. */
export const hitInFront: Subject = {
  name: 'constant in front, with the head of a hit',
  start: () => answerHits(itemApp((_req, res) => void res.sendStatus(404))),
}

/** What all others are measured against. */
export const expressConstant: Subject = {
  name: 'Express res.send(constant)',
  start() {
    const texts = new Map(USUAL_SIZES.map((size) => [size, textOf(size)]))
    return itemApp(({ params }, res) => void res.type('json').send(texts.get(params.size)))
  },
}

function answerHits(otherwise: RequestListener): RequestListener {
  const answers = new Map(
    USUAL_SIZES.map((size) => {
      const body = Buffer.from(textOf(size))
      const head = ['X-Powered-By', 'Express', ...Object.entries(headOfHit(body)).flat()]
      return [pathOf(size), { head, body: quickBody(body) }]
    }),
  )
  return (req, res) => {
    const answer = answers.get(req.url ?? '')
    if (!answer) return otherwise(req, res)
    res.writeHead(200, answer.head).end(answer.body, 'latin1')
  }
}

function answerConstants(otherwise: RequestListener): RequestListener {
  const bodies = new Map(USUAL_SIZES.map((size) => [pathOf(size), Buffer.from(textOf(size))]))
  return (req, res) => {
    const body = bodies.get(req.url ?? '')
    if (!body) return otherwise(req, res)
    res.writeHead(200, { 'Content-Type': JSON_TYPE, 'Content-Length': body.length }).end(body)
  }
}
