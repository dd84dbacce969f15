import { expect } from 'chai'
import { runAuditCheck } from './audit-check.js'

const SEED = Number(process.env.AUDIT_SEED ?? Math.floor(Math.random() * 2 ** 31))
const AUDITS = Number(process.env.AUDITS ?? 200)

describe(`audits of the CRM (AUDIT_SEED=${SEED})`, () => {
  it('find nothing in it, and what somebody changes past it', async () => {
    const { accounts, findings, unclear, planted } = await runAuditCheck({ audits: AUDITS, seed: SEED })
    expect(findings).to.deep.equal([])
    expect([...unclear]).to.deep.equal([])
    expect(accounts.lookedAt).to.be.at.least(AUDITS)
    expect(Object.values(planted)).to.deep.equal([true, true])
  })
})
