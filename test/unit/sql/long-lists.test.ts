import { expect } from 'chai'
import { withoutLongLists } from '#src/sql/long-lists.js'

const params = (first: number, count: number) =>
  Array.from({ length: count }, (_, place) => `$${first + place}`).join(',')

describe('long lists of parameters', () => {
  it('make one text of lists of all lengths', () => {
    const sql = (count: number) => `SELECT * FROM users WHERE id IN (${params(1, count)}) AND 1=1`
    expect(withoutLongLists(sql(500))).to.equal('SELECT * FROM users WHERE id IN (SELECT NULL) AND 1=1')
    expect(withoutLongLists(sql(501))).to.equal(withoutLongLists(sql(500)))
    expect(withoutLongLists(sql(200))).to.equal(sql(200))
  })

  it('leave what may be something else', () => {
    for (const sql of [
      `SELECT 'x' FROM users WHERE id IN (${params(1, 500)})`,
      `SELECT $$ IN (${params(1, 500)}) $$`,
      `SELECT * FROM users WHERE id IN (${params(1, 500)}) -- x`,
      `SELECT $3 FROM users WHERE id IN (${params(1, 500)})`,
      `INSERT INTO users VALUES (${params(1, 500)})`,
      `SELECT * FROM users WHERE id IN (${params(1, 500)}, 7)`,
    ]) {
      expect(withoutLongLists(sql)).to.equal(sql)
    }
  })

  it('take no time for a text that is all but one', () => {
    const start = performance.now()
    withoutLongLists(`SELECT ${`IN (${params(1, 190)}) `.repeat(200)}`)
    withoutLongLists(`SELECT IN (${params(1, 30_000)},`)
    expect(performance.now() - start).to.be.below(1_000)
  })
})
