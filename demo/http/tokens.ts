import { createSecretKey, randomBytes } from 'node:crypto'
import { jwtVerify, SignJWT } from 'jose'
import { Role } from '../prisma/generated/client.js'

const ISSUER = 'express-cacheable-crm'
const LIFETIME = '8h'

/** Who a bearer token says is asking. */
export interface SignedInUser {
  readonly id: number
  readonly role: Role
}

export interface Tokens {
  sign(user: SignedInUser): Promise<string>
  /** @returns `null` for a token that is not ours, was changed, or has expired. */
  verify(token: string): Promise<SignedInUser | null>
}

/**
 * Bearer tokens (JWT, HS256). A token speaks for itself: no database is asked, so a role that is taken away, or
 * a user who is deleted, keeps the token's rights until it expires.
 *
 * @param secret - Services in processes of their own need the same one. None: a random one.
 */
export function createTokens(secret?: string): Tokens {
  // A key object is made once; raw bytes would be turned into one for each request.
  const key = createSecretKey(secret ? Buffer.from(secret) : randomBytes(32))
  return {
    sign: ({ id, role }) =>
      new SignJWT({ role })
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject(String(id))
        .setIssuer(ISSUER)
        .setIssuedAt()
        .setExpirationTime(LIFETIME)
        .sign(key),

    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, key, { algorithms: ['HS256'], issuer: ISSUER })
        return userOf(payload)
      } catch {
        return null
      }
    },
  }
}

function userOf({ sub, role }: { sub?: string; role?: unknown }): SignedInUser | null {
  const id = Number(sub)
  const known = Object.values(Role).find((candidate) => candidate === role)
  return Number.isSafeInteger(id) && known ? { id, role: known } : null
}
