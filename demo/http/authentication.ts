import type { Request, RequestHandler } from 'express'
import { type Action, ForbiddenError, UnauthorizedError } from 'routing-controllers'
import type { SignedInUser, Tokens } from './tokens.js'

declare global {
  namespace Express {
    interface Request {
      /** Set once a route has required a signed-in user; cache keys name it `{user.id}`. */
      user?: SignedInUser
    }
  }
}

/** What a route may ask for. `self`: whoever the path's `:id` stands for. */
type Requirement = 'admin' | 'sales' | 'self'

/** One check for both kinds of routes. It runs before the lookup, so only those who may see an answer get it as a hit. */
export interface Authentication {
  readonly tokens: Tokens
  /** For plain Express routes. */
  readonly requireUser: RequestHandler
  /** For routing-controllers: `@Authorized()`, `@Authorized('admin')`, `@Authorized(['admin', 'self'])`. */
  readonly authorizationChecker: (action: Action, requirements: Requirement[]) => Promise<boolean>
  /** For routing-controllers: `@CurrentUser()`. */
  readonly currentUserChecker: (action: Action) => SignedInUser | undefined
}

export function createAuthentication(tokens: Tokens): Authentication {
  async function identify(request: Request): Promise<SignedInUser> {
    const [scheme, token] = request.headers.authorization?.split(' ') ?? []
    if (scheme?.toLowerCase() !== 'bearer' || !token) {
      throw new UnauthorizedError('Sign in first: send the header "Authorization: Bearer <token>"')
    }
    const user = await tokens.verify(token)
    if (!user) throw new UnauthorizedError('The bearer token is not valid, or has expired')
    return user
  }

  return {
    tokens,

    async requireUser(req, _res, next) {
      req.user = await identify(req)
      next()
    },

    async authorizationChecker({ request }: { request: Request }, requirements) {
      const user = await identify(request)
      if (requirements.length > 0 && !requirements.some((requirement) => meets(user, request, requirement))) {
        throw new ForbiddenError(`Only for: ${requirements.join(', ')}`)
      }
      request.user = user
      return true
    },

    currentUserChecker: ({ request }: { request: Request }) => request.user,
  }
}

/** Who is signed in, on a plain Express route that requires it. */
export function signedInUser({ user }: Request): SignedInUser {
  if (!user) throw new Error('The route has no requireUser before its handler')
  return user
}

function meets(user: SignedInUser, request: Request, requirement: Requirement): boolean {
  return requirement === 'self' ? request.params.id === String(user.id) : user.role === requirement
}
