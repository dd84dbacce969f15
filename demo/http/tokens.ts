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

/** A user to sign in. The version goes up whenever the tokens from before must end. */
interface TokenHolder extends SignedInUser {
  readonly tokenVersion: number
}

export interface Tokens {
  sign(user: TokenHolder): Promise<string>
  /** @returns `null` for a token that is not ours, was changed, was ended, or has expired. */
  verify(token: string): Promise<SignedInUser | null>
  /** Ends the tokens of a user that are older than this version. */
  endBefore(userId: number, tokenVersion: number): void
}

/**
 * Bearer tokens (JWT, HS256). A token speaks for itself: no database is asked. What ends one before its time (a new
 * password, a new role) is remembered here, as `TokenEvents` hears of it. Those of a deleted user run out.
 *
 * @param secret - Services in processes of their own need the same one. None: a random one.
 */
export function createTokens(secret?: string): Tokens {
  // A key object is made once; raw bytes would be turned into one for each request.
  const key = createSecretKey(secret ? Buffer.from(secret) : randomBytes(32))
  /** For each user of whom tokens were ended: the version that counts now. */
  const versions = new Map<number, number>()
  return {
    sign: ({ id, role, tokenVersion }) =>
      new SignJWT({ role, version: tokenVersion })
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject(String(id))
        .setIssuer(ISSUER)
        .setIssuedAt()
        .setExpirationTime(LIFETIME)
        .sign(key),

    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: ['HS256'],
          issuer: ISSUER,
          requiredClaims: ['sub', 'exp', 'iat'],
          maxTokenAge: LIFETIME,
        })
        const user = userOf(payload)
        const isEnded = user === null || !(Number(payload.version) >= (versions.get(user.id) ?? 0))
        return isEnded ? null : user
      } catch {
        return null
      }
    },

    endBefore(userId, tokenVersion) {
      // Events of one user may come from several places, and again.
      versions.set(userId, Math.max(tokenVersion, versions.get(userId) ?? 0))
    },
  }
}

function userOf({ sub, role }: { sub?: string; role?: unknown }): SignedInUser | null {
  const id = Number(sub)
  const known = Object.values(Role).find((candidate) => candidate === role)
  return Number.isSafeInteger(id) && known ? { id, role: known } : null
}
