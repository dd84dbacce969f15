import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

/** N = 2^15, r = 8, p = 1: 32 MiB and some 80 ms for each (RFC 7914, section 2). */
const COST = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 }
const SALT_BYTES = 16
const HASH_BYTES = 32

/** Runs in Node's thread pool: whoever signs in keeps no other request waiting. */
const derive = promisify<string, Buffer, number, typeof COST, Buffer>(scrypt)

/** @returns The salt and the hash, `scrypt:<salt>:<hash>` in base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const hash = await derive(password, salt, HASH_BYTES, COST)
  return ['scrypt', salt.toString('base64url'), hash.toString('base64url')].join(':')
}

/**
 * Compares a password with the hash of whoever signs in. Without a hash (no such person) it compares all the
 * same, so that the time taken does not tell who has an account.
 */
export async function isPassword(password: string, stored: string | undefined): Promise<boolean> {
  const [, salt = '', hash = ''] = (stored ?? (await hashOfNobody())).split(':')
  const expected = Buffer.from(hash, 'base64url')
  const derived = await derive(password, Buffer.from(salt, 'base64url'), HASH_BYTES, COST)
  const isSame = derived.length === expected.length && timingSafeEqual(derived, expected)
  return isSame && stored !== undefined
}

let nobody: Promise<string> | undefined

function hashOfNobody(): Promise<string> {
  nobody ??= hashPassword('nobody')
  return nobody
}
