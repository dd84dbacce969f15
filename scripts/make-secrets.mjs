// Writes .env for compose.yml, with secrets that nobody else has. One that is there stays as it is.
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'

const NAMES = ['POSTGRES_PASSWORD', 'REDIS_PASSWORD', 'JWT_SECRET']

try {
  const lines = NAMES.map((name) => `${name}=${randomBytes(32).toString('hex')}\n`)
  writeFileSync('.env', lines.join(''), { mode: 0o600, flag: 'wx' })
  console.log(`.env is written: ${NAMES.join(', ')}`)
} catch (error) {
  if (error.code !== 'EEXIST') throw error
  console.log('.env is there already, and stays as it is.')
}
