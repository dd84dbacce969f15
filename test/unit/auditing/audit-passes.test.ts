import type { Clock } from '@sinonjs/fake-timers'
import { expect } from 'chai'
import { AUDIT_HEADER, AuditPasses } from '#src/auditing/audit-passes.js'
import { install } from '../../support/fake-time.js'

const TOKEN = 'a'.repeat(32)

describe('AuditPasses', () => {
  let clock: Clock
  beforeEach(() => {
    clock = install({ toFake: ['performance'] })
  })
  afterEach(() => {
    clock.uninstall()
  })

  it('admit the token that was told, until its time is over', () => {
    const passes = new AuditPasses()
    expect([passes.areOpen, passes.admits({ [AUDIT_HEADER]: TOKEN })]).to.deep.equal([false, false])
    expect(passes.open(TOKEN, 1_000)).to.equal(true)
    expect([passes.areOpen, passes.admits({ [AUDIT_HEADER]: TOKEN })]).to.deep.equal([true, true])
    for (const headers of [{}, { [AUDIT_HEADER]: '' }, { [AUDIT_HEADER]: 'b'.repeat(32) }]) {
      expect(passes.admits(headers)).to.equal(false)
    }
    clock.tick(1_000)
    expect([passes.admits({ [AUDIT_HEADER]: TOKEN }), passes.areOpen]).to.deep.equal([false, false])
  })

  it('refuse what could be guessed, and more than a few at once', () => {
    const passes = new AuditPasses()
    for (const token of [undefined, 7, '', 'short', 'a'.repeat(31)]) {
      expect(passes.open(token, 1_000)).to.equal(false)
    }
    const opened = Array.from({ length: 20 }, (_, nth) => passes.open(`${nth}`.padStart(32, '0'), 1_000))
    expect(opened.filter(Boolean)).to.have.length(10)
    expect(passes.open('0'.padStart(32, '0'), 1_000)).to.equal(true)
  })
})
