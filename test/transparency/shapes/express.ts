import { fileURLToPath } from 'node:url'
import { shapesOf } from '../shape.js'

const FILE = fileURLToPath(new URL('../../../../LICENSE', import.meta.url))

/** What Express puts on a response. */
export const EXPRESS = shapesOf('express', {
  json: (_req, res) => void res.json({ a: ['ü', 1, null] }),
  'json of a text': (_req, res) => void res.json('text'),
  'json of null': (_req, res) => void res.json(null),
  'json of undefined': (_req, res) => void res.json(undefined),
  'json with a status': (_req, res) => void res.status(201).json({}),
  'json with settings': {
    settings: [
      ['json spaces', 2],
      ['json escape', true],
    ],
    handler: (_req, res) => void res.json({ a: '<b>' }),
  },
  'json with a type of its own': (_req, res) => void res.type('application/vnd.api+json').json({}),
  jsonp: (_req, res) => void res.jsonp({ a: 1 }),
  'send a text': (_req, res) => void res.send('<p>hällo</p>'),
  'send an empty text': (_req, res) => void res.send(''),
  'send nothing': (_req, res) => void res.send(),
  'send null': (_req, res) => void res.send(null),
  'send a buffer': (_req, res) => void res.send(Buffer.from([1, 2, 3])),
  'send a Uint8Array': (_req, res) => void res.send(new Uint8Array([65, 66])),
  'send an object': (_req, res) => void res.send({ a: 1 }),
  'send a list': (_req, res) => void res.send([1, 2]),
  'send true': (_req, res) => void res.send(true),
  'send a number': (_req, res) => void res.send(404 as never),
  'send plain text': (_req, res) => void res.type('text').send('text'),
  'send with a charset of its own': (_req, res) =>
    void res.set('Content-Type', 'text/plain; charset=latin1').send('ü'),
  'send with an ETag of its own': (_req, res) => void res.set('ETag', '"v1"').send('text'),
  'send with strong tags': { settings: [['etag', 'strong']], handler: (_req, res) => void res.send('text') },
  'send without tags': { settings: [['etag', false]], handler: (_req, res) => void res.send('text') },
  'send with tags of a function': {
    settings: [['etag', (body: Buffer) => `"${body.length}"`]],
    handler: (_req, res) => void res.send('text'),
  },
  'send to a HEAD': { isHead: true, handler: (_req, res) => void res.send('text') },
  'send of 204': (_req, res) => void res.status(204).send('text'),
  'send of 205': (_req, res) => void res.status(205).send('text'),
  'send of 304': (_req, res) => void res.status(304).send('text'),
  'sendStatus 200': (_req, res) => void res.sendStatus(200),
  'sendStatus 204': (_req, res) => void res.sendStatus(204),
  'sendStatus 404': (_req, res) => void res.sendStatus(404),
  'sendStatus of an unknown status': (_req, res) => void res.sendStatus(799),
  'status null': (_req, res) => void res.status(null as never).json({}),
  'status as text': (_req, res) => void res.status('200' as never).json({}),
  'status 1000': (_req, res) => void res.status(1000).json({}),
  'status 404 and JSON': (_req, res) => void res.status(404).json({ error: 'none' }),
  'status 500 and end': (_req, res) => void res.status(500).end(),
  redirect: (_req, res) => void res.redirect('/elsewhere'),
  'redirect with a status': (_req, res) => void res.redirect(301, '/elsewhere'),
  'redirect in HTML': {
    headers: { Accept: 'text/html' },
    handler: (_req, res) => void res.redirect('/a?b=<c>'),
  },
  location: (_req, res) => void res.location('/ä b').status(201).end(),
  format: {
    headers: { Accept: 'application/json' },
    handler: (_req, res) =>
      void res.format({
        text: () => res.send('text'),
        json: () => res.json({}),
        default: () => res.sendStatus(406),
      }),
  },
  'format that is not acceptable': {
    headers: { Accept: 'image/png' },
    handler: (_req, res) => void res.format({ text: () => res.send('text') }),
  },
  'format of two kinds of text': {
    headers: { Accept: 'text/*' },
    handler: (_req, res) => void res.format({ html: () => res.send('<b>'), text: () => res.send('b') }),
  },
  attachment: (_req, res) => void res.attachment('ü.csv').send('a,b'),
  links: (_req, res) => void res.links({ next: '/2', last: '/9' }).json([]),
  vary: (_req, res) => void res.vary('Accept-Language').vary('Accept').json({}),
  append: (_req, res) =>
    void res.append('Link', '</a>').append('Link', '</b>').append('Warning', '199').json({}),
  'set with an object': (_req, res) => void res.set({ 'X-A': '1', 'Content-Type': 'text/csv' }).send('a,b'),
  'set a list': (_req, res) => void res.set('X-List', ['a', 'b']).send('text'),
  'get after set': (_req, res, _next, probe) => {
    res.type('html')
    probe.saw('type', res.get('Content-Type'))
    res.send('text')
  },
  cookie: (_req, res) => void res.cookie('a', 'b').cookie('c', { d: 1 }, { httpOnly: true }).json({}),
  clearCookie: (_req, res) => void res.clearCookie('a').json({}),
  'cookie after the answer': (_req, res) => {
    res.json({})
    res.cookie('a', 'b')
  },
  sendFile: (_req, res) => void res.sendFile(FILE, { cacheControl: false, lastModified: false, etag: false }),
  'sendFile with its headers': (_req, res) => void res.sendFile(FILE, { maxAge: '1h' }),
  'sendFile with a callback': {
    // Whether the file has been read when the turn of its answer comes is a race.
    isNeverPipelined: true,
    handler: (_req, res, _next, probe) => {
      res.sendFile(FILE, (error) => probe.saw('sent', error))
    },
  },
  'sendFile of a part': {
    headers: { Range: 'bytes=0-9' },
    handler: (_req, res) => void res.sendFile(FILE),
  },
  'sendFile of a part that is not there': {
    headers: { Range: 'bytes=999999-' },
    handler: (_req, res) => void res.sendFile(FILE),
  },
  'sendFile of nothing': (_req, res) => void res.sendFile(`${FILE}-is-not-there`),
  'sendFile of nothing with a callback': (_req, res) => {
    res.sendFile(`${FILE}-is-not-there`, (error) => {
      if (error) res.status(404).json({ error: 'none' })
    })
  },
  'sendFile to a HEAD': { isHead: true, handler: (_req, res) => void res.sendFile(FILE) },
  download: (_req, res) => void res.download(FILE, 'ü.txt'),
  'render of nothing': (_req, res) => void res.render('nothing'),
  'a tag that the client has': {
    headers: { 'If-None-Match': '"v1"' },
    only: 'read',
    handler: (_req, res) => void res.set({ ETag: '"v1"', 'Content-Language': 'de', 'X-A': '1' }).json({}),
  },
  'a tag that the client has not': {
    headers: { 'If-None-Match': '"v0"' },
    handler: (_req, res) => void res.set('ETag', '"v1"').json({}),
  },
  'a date that the client has': {
    headers: { 'If-Modified-Since': 'Thu, 01 Jan 2026 00:00:00 GMT' },
    only: 'read',
    handler: (_req, res) => void res.set('Last-Modified', 'Thu, 01 Jan 2026 00:00:00 GMT').json({}),
  },
  'a tag that the client has, of an answer in one go': {
    headers: { 'If-None-Match': '"v1"' },
    only: 'read',
    handler: (_req, res) => {
      res.setHeader('ETag', '"v1"')
      res.statusCode = res.req.fresh ? 304 : 200
      res.end(res.req.fresh ? undefined : 'body')
    },
  },
  'req.fresh, req.xhr and the like': {
    headers: { Accept: 'text/html', 'X-Requested-With': 'XMLHttpRequest' },
    handler: (req, res, _next, probe) => {
      probe.saw('accepts', req.accepts(['json', 'html']))
      probe.saw('xhr', req.xhr)
      probe.saw('response', req.res === res)
      probe.saw('request', res.req === req)
      res.send('text')
    },
  },
  'no-cache': (_req, res) => void res.set('Cache-Control', 'no-cache').json({}),
  'no-store, in pieces': (_req, res) => {
    res.set('Cache-Control', 'no-store')
    res.write('one')
    res.end('two')
  },
  'an event stream': (_req, res) => {
    res.set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' }).flushHeaders()
    res.write('data: one\n\n')
    res.end('data: two\n\n')
  },
})
