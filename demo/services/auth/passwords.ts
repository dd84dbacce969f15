import bcrypt from 'bcryptjs'

const COST = 10

export function hashPassword(password: string): Promise<string> {
  return bcrypt.hash(password, COST)
}

/**
 * Compares a password with the hash of whoever signs in. Without a hash (no such person) it compares all the
 * same, so that the time taken does not tell who has an account.
 */
export async function isPassword(password: string, hash: string | undefined): Promise<boolean> {
  const isSame = await bcrypt.compare(password, hash ?? (await hashOfNobody()))
  return isSame && hash !== undefined
}

let nobody: Promise<string> | undefined

function hashOfNobody(): Promise<string> {
  nobody ??= hashPassword('nobody')
  return nobody
}
