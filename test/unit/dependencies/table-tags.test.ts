import { expect } from 'chai'
import { tableFrom, tableName, tagsOfTableRead, tagsOfTableWrite } from '#src/dependencies/table-tags.js'

describe('the tags of tables', () => {
  it('are the same for a name that people write and for one of the catalogue', () => {
    for (const [written, name] of [
      ['customers', tableName('customers')],
      ['public.customers', tableName('customers')],
      ['audit.changes', tableName('changes', 'audit')],
      ['crm/customers', tableName('customers', 'public', 'crm')],
      ['crm/audit.changes', tableName('changes', 'audit', 'crm')],
      ['Größen: *', tableName('Größen: *')],
    ] as const) {
      expect(tableFrom(written), written).to.equal(name)
    }
  })

  it('are none of what names no table', () => {
    for (const written of ['', '.', 'a.', '.a', '/a', 'a/', 'a.b.c', 'a/b/c', 'a.b/c', '\uD800']) {
      expect(tableFrom(written), JSON.stringify(written)).to.equal(undefined)
    }
  })

  it('meet where a write of a table meets a read of it, and nowhere else', () => {
    const names = ['a', 'a*', 'a[]', 'b.a', 'crm/a', 'all-tables', 'any-table'].map((name) => tableName(name))
    for (const read of names) {
      for (const written of names) {
        const meet = tagsOfTableRead(read).some((tag) => tagsOfTableWrite(written).includes(tag))
        expect(meet, `${read} read, ${written} written`).to.equal(read === written)
      }
    }
  })
})
