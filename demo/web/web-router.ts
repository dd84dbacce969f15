import { readFileSync } from 'node:fs'
import { type RequestHandler, Router } from 'express'
import { DASHBOARD_PATH } from './dashboard-path.js'
import { LANGUAGES, pageIn } from './page-html.js'

/** What `scripts/build-web.mjs` has put beside this file. */
const ASSETS = ['app.js', 'app.css', 'icon.svg'] as const

/** Only what comes from here; nobody frames the page, and no form leaves it. */
const POLICY =
  "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/**
 * The CRM as people use it: a page at `/` that is a client of the public API like any other.
 *
 * @param password - That of the seeded people, if everybody may know it.
 */
export function webRouter(password: string | null): Router {
  const router = Router({ strict: true })
  const pages = new Map(
    LANGUAGES.map((language) => [language, pageIn(language, { password, dashboard: DASHBOARD_PATH })]),
  )

  router.get('/', secured, (req, res) => {
    const language = req.acceptsLanguages(...LANGUAGES) || LANGUAGES[0]
    res
      .vary('Accept-Language')
      .type('html')
      .send(pages.get(language as (typeof LANGUAGES)[number]))
  })

  for (const name of ASSETS) {
    const content = readFileSync(new URL(`./assets/${name}`, import.meta.url))
    router.get(`/web/${name}`, secured, (_req, res) => {
      res.type(name.slice(name.lastIndexOf('.'))).send(content)
    })
  }
  return router
}

const secured: RequestHandler = (_req, res, next) => {
  res.set({
    'Content-Security-Policy': POLICY,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    // A browser asks whether it has the newest, and mostly hears 304.
    'Cache-Control': 'no-cache',
  })
  next()
}
