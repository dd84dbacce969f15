import { expect } from 'chai'
import type { TrackedTable } from '#src/tracking/tracked-table.js'
import { WrittenTags } from '#src/tracking/written-tags.js'

/** With a primary key alone. */
function table(name: string): TrackedTable {
  const column = { name: 'id', family: 'integer' } as never
  return {
    table: undefined as never,
    name,
    shapes: [{ columns: [column], isUnique: true, parts: [`${name}#`], end: '' }],
  }
}

function withRows(name: string, from: number, to: number): WrittenTags {
  const written = new WrittenTags()
  for (let id = from; id < to; id += 1) written.addRow(table(name), new Map([['id', [String(id)]]]))
  return written
}

describe('WrittenTags', () => {
  it('are those of the rows, and of all rows where a value is not known', () => {
    const written = withRows('a', 1, 2)
    written.addRow(table('b'), new Map())
    expect(written.list()).to.deep.equal(['any-table', 'a[]', 'a#1', 'b[]', 'b#*'])
  })

  it('are those of the table with many rows, of which no more are kept then', () => {
    expect(withRows('a', 0, 299).list()).to.have.lengthOf(301)
    const many = withRows('a', 0, 400)
    expect(many.isWhole('a')).to.equal(true)
    expect(many.list()).to.deep.equal(['any-table', 'a*'])
  })

  it('are joined with those of others, and the same then', () => {
    const written = withRows('a', 0, 200)
    written.addAll(withRows('b', 0, 1))
    expect(written.isWhole('a')).to.equal(false)
    written.addAll(withRows('a', 150, 400))
    expect(written.list()).to.deep.equal(['any-table', 'a*', 'b[]', 'b#0'])
    const everything = new WrittenTags()
    everything.addEverything()
    written.addAll(everything)
    written.addRow(table('c'), new Map())
    expect(written.list()).to.deep.equal(['any-table', 'all-tables'])
  })

  it('are those of tables where tables are many', () => {
    const written = new WrittenTags()
    for (let nth = 0; nth < 20; nth += 1) written.addAll(withRows(`t${nth}`, 0, 200))
    expect(written.list()).to.have.lengthOf(21)
  })

  it('are none where nothing was written', () => {
    expect(new WrittenTags().isEmpty).to.equal(true)
    expect(new WrittenTags().list()).to.deep.equal([])
  })
})
