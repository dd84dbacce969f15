import { expect } from 'chai'
import { redisReport } from '#src/monitoring/redis-report.js'

const INFO = `# Server\r\nredis_version:7.0.15\r\n# Clients\r\nconnected_clients:3\r\n# Memory\r\nused_memory:1048576\r\nmaxmemory:0\r\nmaxmemory_policy:noeviction\r\n`

describe('redisReport', () => {
  it('reads what the server says of itself', async () => {
    const report = await redisReport(async () => INFO)
    expect(report).to.deep.include({
      ...{ version: '7.0.15', usedMemoryBytes: 1_048_576, maxMemoryBytes: 0 },
      ...{ maxMemoryPolicy: 'noeviction', connections: 3 },
    })
    expect(report?.roundTripMs).to.be.within(0, 1_000)
  })

  it('says Valkey’s own version, and not the one that it stands in for', async () => {
    const report = await redisReport(async () => `redis_version:7.2.4\r\nvalkey_version:8.1.0\r\n`)
    expect(report?.version).to.equal('8.1.0')
  })

  it('knows the time alone where INFO is not permitted', async () => {
    const report = await redisReport(() => Promise.reject(new Error('NOPERM this user has no permissions')))
    expect(report).to.deep.include({ version: null, usedMemoryBytes: null, connections: null })
    expect(report?.roundTripMs).to.be.a('number')
  })

  it('says nothing of a server that does not answer', async () => {
    expect(await redisReport(() => Promise.reject(new Error('Connection is closed.')))).to.equal(null)
    expect(await redisReport(() => null)).to.equal(null)
  })
})
