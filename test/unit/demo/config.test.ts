import { expect } from 'chai'
import { CommandError } from '#demo/command-error.js'
import { DEFAULT_CONFIG, readConfig } from '#demo/config.js'

describe('readConfig of the demo', () => {
  it('embeds everything and starts all services when nothing is set', () => {
    expect(readConfig({})).to.deep.equal({
      ...DEFAULT_CONFIG,
      databaseUrl: undefined,
      redisUrl: undefined,
      kafkaBrokers: undefined,
      jwtSecret: undefined,
      auditSample: undefined,
      deadlineMs: undefined,
    })
  })

  it('takes an empty variable for one that is not set', () => {
    const names = [
      ...['PORT', 'HOST', 'SERVICE', 'DATABASE_URL', 'REDIS_URL', 'KAFKA_BROKERS'],
      ...['CACHE', 'CACHE_DEADLINE_MS', 'AUDIT_SAMPLE', 'WARM'],
    ]
    const env = Object.fromEntries(names.map((name) => [name, '']))
    expect(readConfig(env)).to.deep.equal(readConfig({}))
  })

  it('reads every variable', () => {
    const config = readConfig({
      PORT: '0',
      HOST: '0.0.0.0',
      SERVICE: 'sales-activity',
      DATABASE_URL: 'postgres://crm@db/crm',
      REDIS_URL: 'rediss://:secret@cache:6380',
      KAFKA_BROKERS: 'broker-1:9092, broker-2:9093',
      JWT_SECRET: 'x'.repeat(32),
      DEMO_PASSWORD: 'longer-than-eight',
      SIGN_INS_PER_MINUTE: '25',
      CACHE: 'off',
      CACHE_DEADLINE_MS: '250',
      AUDIT_SAMPLE: '0.01',
      EVICTIONS: 'derived',
      FOLLOW: 'log',
      WARM: '0',
    })
    expect(config).to.deep.equal({
      port: 0,
      host: '0.0.0.0',
      services: ['sales-activity'],
      databaseUrl: 'postgres://crm@db/crm',
      redisUrl: 'rediss://:secret@cache:6380',
      kafkaBrokers: ['broker-1:9092', 'broker-2:9093'],
      jwtSecret: 'x'.repeat(32),
      password: 'longer-than-eight',
      signInsPerMinute: 25,
      cache: false,
      deadlineMs: 250,
      auditSample: 0.01,
      evictions: 'derived',
      follow: 'log',
      warm: false,
    })
  })

  it('lets all services of one process share its database and hear Kafka', () => {
    expect(readConfig({ KAFKA_BROKERS: 'broker:9092' }).kafkaBrokers).to.deep.equal(['broker:9092'])
  })

  const mistakes: [env: Record<string, string>, says: RegExp][] = [
    [{ PORT: 'abc' }, /^PORT is "abc".*0 to 65535/],
    [{ PORT: '65536' }, /^PORT is "65536"/],
    [{ PORT: '1e3' }, /^PORT/],
    [{ FOLLOW: 'yes' }, /^FOLLOW is "yes".*off, log, outbox/],
    [{ FOLLOW: 'log' }, /^FOLLOW is "log", but DATABASE_URL is not set/],
    [
      { SERVICE: 'billing' },
      /^SERVICE is "billing".*auth, customer, sales-activity, opportunity, analytics, or gateway/,
    ],
    [
      { DATABASE_URL: 'mysql://crm:secret@db/crm' },
      /^DATABASE_URL is not a URL that starts with postgresql:/,
    ],
    [{ DATABASE_URL: 'postgres://crm:secret@db:port/crm' }, /^DATABASE_URL/],
    [{ REDIS_URL: 'localhost:6379:secret' }, /^REDIS_URL is not a URL that starts with redis:/],
    [{ JWT_SECRET: 'secret' }, /^JWT_SECRET must have at least 32 bytes/],
    [{ DEMO_PASSWORD: 'secret' }, /^DEMO_PASSWORD must have 8 to 72 bytes/],
    [{ SIGN_INS_PER_MINUTE: '0' }, /^SIGN_INS_PER_MINUTE is "0", but must be a whole number/],
    [{ CACHE: 'maybe' }, /^CACHE is "maybe", but must be on or off/],
    [{ CACHE_DEADLINE_MS: '0' }, /^CACHE_DEADLINE_MS is "0", but must be a whole number/],
    [{ CACHE_DEADLINE_MS: '50ms' }, /^CACHE_DEADLINE_MS is "50ms"/],
    [{ AUDIT_SAMPLE: '0' }, /^AUDIT_SAMPLE is "0", but must be a number above 0 and at most 1/],
    [{ AUDIT_SAMPLE: 'all' }, /^AUDIT_SAMPLE is "all"/],
    [{ KAFKA_BROKERS: 'broker' }, /^KAFKA_BROKERS has "broker", but must be host:port/],
    [{ KAFKA_BROKERS: 'broker:9092,' }, /^KAFKA_BROKERS has ""/],
    [{ KAFKA_BROKERS: 'kafka://broker:9092' }, /^KAFKA_BROKERS/],
    [{ KAFKA_BROKERS: 'broker:9092', SERVICE: 'auth' }, /^DATABASE_URL is not set, but KAFKA_BROKERS and/],
  ]
  for (const [env, says] of mistakes) {
    it(`says in one line what is wrong with ${JSON.stringify(env)}, and no secret`, () => {
      expect(() => readConfig(env))
        .to.throw(CommandError, says)
        .with.property('message')
        .that.does.not.match(/\n|secret/)
    })
  }
})
