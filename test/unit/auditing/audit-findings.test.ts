import { expect } from 'chai'
import { AuditFindings } from '#src/auditing/audit-findings.js'
import { wordFinder } from '#src/keys/named-words.js'

describe('AuditFindings', () => {
  it('drop those that name what is to be forgotten, by their keys or their tags', () => {
    const findings = new AuditFindings()
    const add = (key: string, ...tags: string[]) => {
      const finding = { rule: 'GET /users/:id', key, fields: [], staleForMs: 1, tags, by: null, at: 1 }
      findings.add({ finding, expiresAt: 1, since: 1 })
    }
    add('user:4', 'a')
    add('feed', 'author:7', 'author:4')
    add('user:44', 'author:14')
    findings.forget(wordFinder(['4']))
    expect(findings.list().map(({ key }) => key)).to.deep.equal(['user:44'])
  })
})
