import { type RequestHandler, Router } from 'express'
import { ForbiddenError, UnauthorizedError } from 'routing-controllers'
import { neverCached } from '../http/operations.js'
import type { Tokens } from '../http/tokens.js'

const COOKIE = 'crm-admin'
const PATH = '/admin'
const IN_COOKIE = new RegExp(`(?:^|;\\s*)${COOKIE}=([\\w.-]+)`)

/**
 * What the admin sees below `/admin`, such as the dashboard of the cache.
 *
 * A page that a browser opens, or shows in a frame, carries no bearer token. `POST /admin/session` therefore puts the
 * token with which it is asked into a cookie, which scripts cannot read, other sites cannot use, and the API never
 * looks at; `DELETE /admin/session` takes it away.
 *
 * @param dashboard - Shown below `/admin/cache`.
 */
export function adminRouter(tokens: Tokens, dashboard: RequestHandler): Router {
  const router = Router()
  router.use(neverCached)

  router.post('/session', async (req, res) => {
    const token = bearerTokenOf(req.headers.authorization)
    await requireAdminToken(tokens, token)
    const { secure } = req
    res.cookie(COOKIE, token, { path: PATH, httpOnly: true, sameSite: 'strict', secure })
    res.sendStatus(204)
  })

  router.delete('/session', (_req, res) => {
    res.clearCookie(COOKIE, { path: PATH, httpOnly: true, sameSite: 'strict' })
    res.sendStatus(204)
  })

  router.use('/cache', requireAdmin(tokens), dashboard)
  return router
}

/** Lets the admin in, by the cookie or by a bearer token. A browser that shows a page is sent to where one signs in. */
function requireAdmin(tokens: Tokens): RequestHandler {
  return async (req, res, next) => {
    const { authorization, cookie } = req.headers
    const token = bearerTokenOf(authorization) ?? IN_COOKIE.exec(cookie ?? '')?.[1]
    try {
      await requireAdminToken(tokens, token)
    } catch (error) {
      // In a frame the page that signs in would stand within itself.
      if (req.headers['sec-fetch-dest'] === 'document') return res.redirect(303, '/')
      throw error
    }
    next()
  }
}

/** Asked each time: a token may have been ended, and its user may be no admin any more. */
async function requireAdminToken(tokens: Tokens, token: string | undefined): Promise<void> {
  const user = token === undefined ? null : await tokens.verify(token)
  if (!user) throw new UnauthorizedError('Sign in as the admin')
  if (user.role !== 'admin') throw new ForbiddenError('Only for: admin')
}

function bearerTokenOf(authorization: string | undefined): string | undefined {
  return /^bearer ([\w.-]+)$/i.exec(authorization ?? '')?.[1]
}
