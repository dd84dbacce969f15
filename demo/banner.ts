import type { RunningDemo } from './app.js'
import { DEFAULT_CONFIG, type DemoConfig, isOneOfSeveral } from './config.js'
import { USERS } from './people.js'
import { type Tour, tourOf } from './tour.js'

/** What is said of a demo, in one process or in several. */
export interface BannerSubject extends Pick<RunningDemo, 'url' | 'prisma' | 'tokens' | 'database'> {
  readonly isStoreAvailable: boolean
}

/** Where the demo listens, what it consists of, and four commands that show the cache at work. */
export async function bannerOf(demo: BannerSubject, config: DemoConfig): Promise<string> {
  const admin = await demo.prisma.user.findFirst({ where: { role: 'admin' }, orderBy: { id: 'asc' } })
  const lines = [
    '',
    `The CRM listens on ${demo.url}`,
    ...pageOf(demo, config),
    '',
    ...partsOf(demo, config),
    '',
  ]
  if (admin) {
    const token = await demo.tokens.sign(admin)
    const tour = await tourOf(config.services, demo.prisma, admin.id)
    lines.push(...commandsOf(demo, config, token, tour), '')
  }
  return [...lines, 'Ctrl-C stops it.', ''].join('\n')
}

/** What to open first. One service alone has no page. */
function pageOf({ url }: BannerSubject, config: DemoConfig): string[] {
  if (isOneOfSeveral(config)) return []
  return [
    '',
    `  Open ${url}/ in a browser: a page of the CRM, where each panel says HIT or MISS.`,
    '  One click signs you in; the admin has the dashboard of the cache beside it.',
  ]
}

const FOLLOWED = {
  off: '',
  log: ', followed through its log',
  outbox: ', followed through its outbox',
} as const

function partsOf(demo: BannerSubject, config: DemoConfig): string[] {
  const isDefaultPassword = config.password === DEFAULT_CONFIG.password
  return [
    `  services   ${config.services.join(', ')}`,
    `  database   ${demo.database}${FOLLOWED[config.follow]}`,
    `  cache      ${storeOf(demo, config)}`,
    `  events     ${busOf(config)}`,
    `  tokens     ${config.jwtSecret ? 'signed with JWT_SECRET' : 'good until this ends; set JWT_SECRET to share them'}`,
    `  users      ${USERS.map(({ email }) => email).join(', ')}`,
    `  password   ${isDefaultPassword ? DEFAULT_CONFIG.password : 'as DEMO_PASSWORD says'}`,
  ]
}

function busOf(config: DemoConfig): string {
  if (config.kafkaBrokers) return `Kafka at ${config.kafkaBrokers.join(', ')}`
  return `in this process${isOneOfSeveral(config) ? '; services in other processes do not hear them' : ''}`
}

function storeOf({ isStoreAvailable }: BannerSubject, config: DemoConfig): string {
  if (!config.cache) return 'off: every request asks the database'
  if (config.redisUrl === undefined) return 'in this process'
  // The URL may hold a password, so only the place is shown.
  const { host } = new URL(config.redisUrl)
  return isStoreAvailable ? `Redis at ${host}` : `Redis at ${host}, not reached yet: the database answers`
}

function commandsOf({ url }: BannerSubject, config: DemoConfig, token: string, tour: Tour): string[] {
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
