import { randomBytes } from 'node:crypto'

const PROCESS = randomBytes(12).toString('base64url')
let tokens = 0

/** Unlike any other, of this process or another. */
export function newToken(): string {
  tokens += 1
  return `${PROCESS}.${tokens.toString(36)}`
}
