import { expect } from 'chai'
import { runCli } from '../support/run-cli.js'

const APPS = 'test/integration/cli-apps'

describe('express-cacheable check', () => {
  it('prints the map of an application that listens, and what nothing evicts, and ends by itself', async () => {
    const { code, stdout, stderr } = await runCli(['check', `${APPS}/listens.cjs`])
    expect(stdout).to.match(/^GET \/customers\/:id +customer:\{id\} +10m +PUT \/customers\/:id$/m)
    expect(stdout).to.match(/^GET \/feed +feed +1m +nothing$/m)
    expect(stdout).to.match(/^PUT \/customers\/:id +customer:\{id\} +GET \/customers\/:id$/m)
    expect(stdout).to.include('Found 1 read that nothing evicts.')
    expect(stderr, 'what the application prints is none of the results').to.equal('listening\n')
    expect(code).to.equal(1)
  })

  it('gives the same as JSON, and the code 0 where what is found is meant', async () => {
    const { code, stdout } = await runCli(['check', `${APPS}/listens.cjs`, '--json', '--allow', 'feed'])
    const { caches, findings, allowed } = JSON.parse(stdout)
    expect(findings).to.deep.equal([])
    expect(allowed).to.equal(1)
    expect(caches).to.have.length(1)
    expect(caches[0]).to.include({ keyPrefix: 'shop:', store: 'memory' })
    expect(caches[0].unevicted).to.deep.equal(['GET /feed'])
    expect(caches[0].edges).to.deep.include({
      ...{ write: 'PUT /customers/:id', read: 'GET /customers', by: 'customers:list:*' },
    })
    expect(code).to.equal(0)
  })

  it('lists all mistakes of an application that a function makes', async () => {
    const { code, stdout } = await runCli([
      'check',
      `${APPS}/with-mistakes.mjs`,
      '--export',
      'makeApp',
      '--json',
    ])
    const { findings } = JSON.parse(stdout)
    const mistakes = findings.filter(({ kind }: { kind: string }) => kind === 'mistake')
    expect(mistakes.map(({ code }: { code: string }) => code)).to.deep.equal([
      ...['E_CACHE_KEY_OVERLAP', 'E_CACHE_PATTERN_UNREACHABLE'],
    ])
    expect(code).to.equal(1)
  })

  it('tells the mistake that stopped an application, once', async () => {
    const { code, stdout, stderr } = await runCli(['check', `${APPS}/stopped.mjs`])
    expect(stdout.match(/E_CACHE_SOURCE/g)).to.have.length(1)
    expect(stdout).to.match(/\{customerId\} .* is no parameter of GET \/customers\/:id\.\n {2}It has \{id\}/s)
    expect(stderr).to.equal('')
    expect(code).to.equal(1)
  })

  it('says what to do about a module that it cannot check', async () => {
    const [missing, none, wrongName] = await Promise.all([
      runCli(['check', `${APPS}/nothing.js`]),
      runCli(['check', `${APPS}/with-mistakes.mjs`]),
      runCli(['check', `${APPS}/with-mistakes.mjs`, '--export', 'mkeApp']),
    ])
    expect(missing.stderr).to.match(/there is no file .*nothing\.js\.\n {2}Name the module/)
    expect(none.stderr).to.match(/makes no cache while it is imported\.\n .*--export <name>/)
    expect(wrongName.stderr).to.match(/has no export 'mkeApp'\.\n {2}Did you mean 'makeApp'\?/)
    expect([missing, none, wrongName].map(({ code }) => code)).to.deep.equal([2, 2, 2])
    expect([missing, none, wrongName].map(({ stdout }) => stdout)).to.deep.equal(['', '', ''])
  })
})
