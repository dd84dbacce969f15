import type { RunningDemo } from './app.js'
import { DEFAULT_CONFIG, type DemoConfig } from './config.js'
import { USERS } from './seed.js'
import { SERVICE_NAMES } from './services/service.js'
import { type Tour, tourOf } from './tour.js'

/** Where the demo listens, what it consists of, and four commands that show the cache at work. */
export async function bannerOf(demo: RunningDemo, config: DemoConfig): Promise<string> {
  const admin = await demo.prisma.user.findFirst({ where: { role: 'admin' }, orderBy: { id: 'asc' } })
  const lines = ['', `The CRM listens on ${demo.url}`, '', ...partsOf(demo, config), '']
  if (admin) {
    const token = await demo.tokens.sign(admin)
    const tour = await tourOf(config.services, demo.prisma, admin.id)
    lines.push(...commandsOf(demo, config, token, tour), '')
  }
  return [...lines, 'Ctrl-C stops it.', ''].join('\n')
}

function partsOf(demo: RunningDemo, config: DemoConfig): string[] {
  const isPart = config.services.length < SERVICE_NAMES.length
  const isDefaultPassword = config.password === DEFAULT_CONFIG.password
  return [
    `  services   ${config.services.join(', ')}`,
    `  database   ${demo.database}`,
    `  cache      ${storeOf(demo, config)}`,
    `  events     in this process${isPart ? '; services in other processes do not hear them' : ''}`,
    `  tokens     ${config.jwtSecret ? 'signed with JWT_SECRET' : 'good for this process only; set JWT_SECRET to share them'}`,
    `  users      ${USERS.map(({ email }) => email).join(', ')}`,
    `  password   ${isDefaultPassword ? DEFAULT_CONFIG.password : 'as DEMO_PASSWORD says'}`,
  ]
}

function storeOf({ cache }: RunningDemo, config: DemoConfig): string {
  if (!config.cache) return 'off: every request asks the database'
  if (config.redisUrl === undefined) return 'in this process'
  // The URL may hold a password, so only the place is shown.
  const { host } = new URL(config.redisUrl)
  return cache.status().available
    ? `Redis at ${host}`
    : `Redis at ${host}, not reached yet: the database answers`
}

function commandsOf({ url }: RunningDemo, config: DemoConfig, token: string, tour: Tour): string[] {
  const { read, write } = tour
  const curl = 'curl -si -H "Authorization: Bearer $TOKEN"'
  const body = write.body ? ` -H 'Content-Type: application/json' -d '${JSON.stringify(write.body)}'` : ''
  return [
    '  A token for the admin:',
    `    export TOKEN=${token}`,
    `  A MISS (see X-Cache)${config.redisUrl ? ', unless Redis holds the answer from before' : ''}:`,
    `    ${curl} '${url}${read}'`,
    '  The same again is a HIT:',
    `    ${curl} '${url}${read}'`,
    '  A write evicts it, so that the first command is a MISS again:',
    `    ${curl} -X ${write.method}${body} '${url}${write.path}'`,
    '  What the cache has done:',
    `    curl -s '${url}/api/cache/stats'`,
  ]
}
