import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { CommandError } from '#demo/command-error.js'
import { readProcessesConfig } from '#demo/processes/processes-config.js'
import { PROJECT_ROOT } from '../../support/project-root.js'

const SHARED = {
  DATABASE_URL: 'postgresql://crm@db/crm',
  REDIS_URL: 'redis://cache:6379',
  KAFKA_BROKERS: 'broker:9092',
}

function messageFor(env: Record<string, string>): string {
  try {
    readProcessesConfig(env)
  } catch (error) {
    if (error instanceof CommandError) return error.message
    throw error
  }
  return ''
}

describe('readProcessesConfig', () => {
  it('has the gateway at PORT and HOST, and each service on this machine at the next port', () => {
    const { processes } = readProcessesConfig({ ...SHARED, PORT: '4000', HOST: '0.0.0.0' })
    expect(processes.map(({ name, env }) => [name, env.SERVICE, env.HOST, env.PORT])).to.deep.equal([
      ['gateway', 'gateway', '0.0.0.0', '4000'],
      ['auth', 'auth', '127.0.0.1', '4001'],
      ['customer', 'customer', '127.0.0.1', '4002'],
      ['sales-activity', 'sales-activity', '127.0.0.1', '4003'],
      ['opportunity', 'opportunity', '127.0.0.1', '4004'],
      ['analytics', 'analytics', '127.0.0.1', '4005'],
    ])
    expect(processes[0]?.env).to.include({
      AUTH_URL: 'http://127.0.0.1:4001',
      ANALYTICS_URL: 'http://127.0.0.1:4005',
    })
  })

  it('makes one secret for all services, or takes the one that is set', () => {
    const made = readProcessesConfig(SHARED)
    expect(made.jwtSecret).to.match(/^[0-9a-f]{64}$/)
    expect(made.jwtSecret).to.not.equal(readProcessesConfig(SHARED).jwtSecret)
    const given = readProcessesConfig({ ...SHARED, JWT_SECRET: 'x'.repeat(32) })
    expect(given.jwtSecret).to.equal('x'.repeat(32))
    for (const { jwtSecret, processes } of [made, given]) {
      const secrets = processes.slice(1).map(({ env }) => env.JWT_SECRET)
      expect(secrets).to.deep.equal(Array(5).fill(jwtSecret))
    }
  })

  it('starts all services whatever SERVICE says', () => {
    expect(readProcessesConfig({ ...SHARED, SERVICE: 'auth' }).processes).to.have.length(6)
  })

  for (const name of Object.keys(SHARED)) {
    it(`says that ${name} is missing, and how to get it`, () => {
      const message = messageFor({ ...SHARED, [name]: '' })
      expect(message)
        .to.contain(`Not set: ${name}.\n`)
        .and.contain('docker compose up -d postgres redis kafka')
    })
  }

  it('suggests the addresses at which compose.yml has the three', async () => {
    const compose = await readFile(join(PROJECT_ROOT, 'compose.yml'), 'utf8')
    const suggested = messageFor({})
    for (const port of [5432, 6379, 9092]) {
      expect(suggested).to.contain(`localhost:${port}`)
      expect(compose).to.contain(`ports: ["127.0.0.1:${port}:${port}"]`)
    }
    const [, user, password, database] = /:\/\/(\w+):\$(\w+)@localhost:5432\/(\w+)/.exec(suggested) ?? []
    expect(compose).to.contain(`POSTGRES_USER: ${user}\n`)
    expect(compose).to.contain(`POSTGRES_PASSWORD: \${${password}:?`)
    const [, redisPassword] = /redis:\/\/:\$(\w+)@localhost:6379/.exec(suggested) ?? []
    expect(compose).to.contain(`command: [redis-server, --requirepass, "\${${redisPassword}:?`)
    expect(compose).to.contain(`POSTGRES_DB: ${database}\n`)
    expect(compose).to.contain('KAFKA_ADVERTISED_LISTENERS: MACHINE://localhost:9092,')
  })

  it('says what is wrong with a value before anything is started', () => {
    expect(messageFor({ ...SHARED, REDIS_URL: 'localhost' })).to.match(/^REDIS_URL is not a URL/)
    expect(messageFor({ ...SHARED, PORT: '0' })).to.match(/^PORT is 0, but must have a port for each service/)
    expect(messageFor({ ...SHARED, PORT: '65531' })).to.match(/^PORT is 65531/)
  })
})
