import { expect } from 'chai'
import { type RunningDemo, startDemo } from '#demo/app.js'
import { DEFAULT_CONFIG } from '#demo/config.js'
import { silentLogger } from '#demo/logger.js'
import { answerOf } from '../../support/answer-of.js'
import { sendRaw } from '../../support/raw-http.js'

export function defineWhatServesIt(demo: () => RunningDemo): void {
  const tokens = {} as Record<'admin' | 'rep1', string>

  before(async () => {
    for (const person of ['admin', 'rep1'] as const) {
      const user = await demo().prisma.user.findUniqueOrThrow({ where: { email: `${person}@crm.example` } })
      tokens[person] = await demo().tokens.sign(user)
    }
  })

  const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

  it('answers GET / with a page that loads only what comes from here, and nobody frames', async () => {
    const { status, headers, text } = await answerOf(`${demo().url}/`)
    expect(status).to.equal(200)
    expect(headers.get('content-type')).to.equal('text/html; charset=utf-8')
    expect(headers.get('content-security-policy')).to.match(/^default-src 'self';.* frame-ancestors 'none'$/)
    expect(headers.get('x-content-type-options')).to.equal('nosniff')
    expect(text).to.not.match(/<script(?![^>]* src="\/web\/app\.js")/)
    expect(text).to.not.match(/ (on\w+|style)=/)
    for (const [, path] of text.matchAll(/(?:src|href)="([^"]+)"/g)) {
      const asset = await answerOf(demo().url + path)
      expect(asset.status, path).to.equal(200)
      expect(asset.headers.get('cache-control'), path).to.equal('no-cache')
    }
  })

  for (const [languages, language] of [
    ['ja,en;q=0.8', 'ja'],
    ['en-GB', 'en'],
    ['de', 'en'],
  ] as const) {
    it(`answers in ${language} to who reads ${languages}`, async () => {
      const { text, headers } = await answerOf(`${demo().url}/`, {
        headers: { 'accept-language': languages },
      })
      expect(text).to.contain(`<html lang="${language}">`)
      expect(headers.get('vary')).to.contain('Accept-Language')
    })
  }

  it('counts in no statistics, and leaves all other paths to the API', async () => {
    const before = demo().cache.stats().requests
    await answerOf(`${demo().url}/`)
    expect(demo().cache.stats().requests).to.equal(before)
    for (const [method, target] of [
      ['POST', '/'],
      ['GET', '//'],
      ['GET', '/web'],
      ['GET', '/web/'],
      ['GET', '/web/app.js/'],
      ['GET', '/web/../main.js'],
      ['GET', '/index.html'],
      ['GET', '/admin'],
      ['GET', '/admin/session'],
    ] as const) {
      const { status, text } = await sendRaw(demo().url.replace('localhost', '127.0.0.1'), { method, target })
      expect(status, `${method} ${target}`).to.equal(404)
      expect(JSON.parse(text)).to.deep.equal({ error: `There is no ${method} ${target}` })
    }
  })

  it('has no page where one service runs alone', async () => {
    const { prisma } = demo()
    const database = { prisma, description: '', queries: () => 0, close: async () => {} }
    const config = { ...DEFAULT_CONFIG, services: ['analytics' as const], port: 0, warm: false }
    const alone = await startDemo(config, silentLogger, database)
    try {
      expect((await answerOf(`${alone.url}/`)).status).to.equal(404)
      expect((await answerOf(`${alone.url}/admin/session`, { method: 'DELETE' })).status).to.equal(404)
    } finally {
      await alone.close()
    }
  })

  describe('the session of the admin', () => {
    const enter = (headers: Record<string, string>) =>
      answerOf(`${demo().url}/admin/session`, { method: 'POST', headers })

    it('is a cookie that no script reads, no other site sends, and that goes to /admin alone', async () => {
      const { status, headers } = await enter(bearer(tokens.admin))
      expect(status).to.equal(204)
      const [cookie, ...attributes] = (headers.get('set-cookie') ?? '').split('; ')
      expect(cookie).to.equal(`crm-admin=${tokens.admin}`)
      expect(attributes).to.have.members(['Path=/admin', 'HttpOnly', 'SameSite=Strict'])
      expect(headers.get('cache-control')).to.equal('no-store')
    })

    it('is for the admin alone, and only with the bearer token', async () => {
      const refused = async (headers: Record<string, string>) => {
        const answer = await enter(headers)
        expect(answer.headers.get('set-cookie')).to.equal(null)
        return answer.status
      }
      expect(await refused({})).to.equal(401)
      expect(await refused(bearer(`${tokens.admin}x`))).to.equal(401)
      expect(await refused({ cookie: `crm-admin=${tokens.admin}` })).to.equal(401)
      expect(await refused(bearer(tokens.rep1))).to.equal(403)
    })

    it('ends when the admin signs out', async () => {
      const { headers } = await answerOf(`${demo().url}/admin/session`, { method: 'DELETE' })
      expect(headers.get('set-cookie')).to.match(/^crm-admin=; Path=\/admin; Expires=Thu, 01 Jan 1970/)
    })

    it('opens the dashboard of the cache, which may stand in a frame of the page', async () => {
      for (const headers of [{ cookie: `a=b; crm-admin=${tokens.admin}` }, bearer(tokens.admin)]) {
        const answer = await answerOf(`${demo().url}/admin/cache/`, { headers })
        expect(answer.status).to.equal(200)
        expect(answer.headers.get('content-security-policy')).to.match(/frame-ancestors 'self'/)
      }
    })

    it('is asked for by the dashboard, each time', async () => {
      const refused = async (path: string, headers: Record<string, string>) =>
        (await answerOf(`${demo().url}/admin/cache${path}`, { headers, redirect: 'manual' })).status
      for (const path of ['', '/', '/app.js', '/api/overview', '/api/live']) {
        expect(await refused(path, {}), path).to.equal(401)
        expect(await refused(path, { cookie: `crm-admin=${tokens.rep1}` }), path).to.equal(403)
        expect(await refused(path, { cookie: `crm-admin=${tokens.admin}x` }), path).to.equal(401)
      }
    })

    it('is where a browser begins that opens the dashboard without it', async () => {
      const headers = { 'sec-fetch-dest': 'document' }
      const answer = await answerOf(`${demo().url}/admin/cache/`, { headers, redirect: 'manual' })
      expect([answer.status, answer.headers.get('location')]).to.deep.equal([303, '/'])
    })

    it('opens nothing of the API', async () => {
      const headers = { cookie: `crm-admin=${tokens.admin}` }
      expect((await answerOf(`${demo().url}/api/customers`, { headers })).status).to.equal(401)
    })
  })
}
