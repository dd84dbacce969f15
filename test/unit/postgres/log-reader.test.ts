import { expect } from 'chai'
import type { FollowedTables } from '#src/postgres/followed-tables.js'
import { type Committed, LogReader } from '#src/postgres/log/log-reader.js'
import type { Column } from '#src/sql/relation.js'

const RELATION = 16_400
const column = (name: string, isGenerated = false) =>
  ({ name, family: 'text', isGenerated }) as unknown as Column
const ID = column('id')
const COLUMNS = new Map([ID, column('name'), column('upper', true)].map((each) => [each.name, each]))

/** What the reader asks of a catalogue with one table. */
const TABLES = {
  version: 0,
  find: () => ({
    kind: 'known',
    table: {
      name: 'a',
      shapes: [{ columns: [ID], isUnique: true, parts: ['a#'], end: '' }],
    },
  }),
  columnsOf: () => COLUMNS,
} as unknown as FollowedTables

const int16 = (value: number) => Buffer.from([value >> 8, value & 0xff])
const int32 = (value: number) => Buffer.from([value >>> 24, value >>> 16, value >>> 8, value])
const int64 = (value: bigint) => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(value)
  return bytes
}
const text = (value: string) => Buffer.from(`${value}\0`)
const message = (kind: string, ...parts: Buffer[]) => Buffer.concat([Buffer.from(kind), ...parts])

const begin = message('B', int64(200n), int64(0n), int32(7))
const commit = message('C', Buffer.from([0]), int64(190n), int64(200n), int64(1_500_000n))
const relation = (...names: string[]) =>
  message(
    'R',
    int32(RELATION),
    text('public'),
    text('a'),
    Buffer.from('d'),
    int16(names.length),
    ...names.flatMap((name, place) => [
      Buffer.from([place === 0 ? 1 : 0]),
      text(name),
      int32(25),
      int32(0xffff_ffff),
    ]),
  )
/** A value; `null`; or undefined for one that is stored elsewhere and has not changed. */
const tuple = (...values: (string | null | undefined)[]) =>
  Buffer.concat([
    int16(values.length),
    ...values.map((value) =>
      value === undefined || value === null
        ? Buffer.from(value === null ? 'n' : 'u')
        : Buffer.concat([Buffer.from('t'), int32(Buffer.byteLength(value)), Buffer.from(value)]),
    ),
  ])

function read(...messages: Buffer[]): Committed {
  const reader = new LogReader(TABLES)
  const results = messages.map((each) => reader.read(each))
  const last = results.at(-1)
  expect(results.slice(0, -1).every((result) => result === null)).to.equal(true)
  if (!last) throw new Error('no transaction has ended')
  return last
}

describe('LogReader', () => {
  it('gives a transaction with its tags, its number and its places in the log', () => {
    const insert = message('I', int32(RELATION), Buffer.from('N'), tuple('1', 'x'))
    const committed = read(begin, relation('id', 'name'), insert, commit)
    expect(committed).to.include({ xid: 7, commitAt: 190n, endsAt: 200n, changesSchema: false })
    expect(committed.committedAt).to.equal(Date.UTC(2000, 0, 1) + 1_500)
    expect(committed.written.list()).to.deep.equal(['any-table', 'a[]', 'a#1'])
  })

  it('knows of a row before its change what identifies it, whether or not that has changed', () => {
    const same = message('U', int32(RELATION), Buffer.from('N'), tuple('1', 'x'))
    expect(read(begin, relation('id', 'name'), same, commit).written.list()).to.deep.equal([
      'any-table',
      'a[]',
      'a#1',
    ])
    const key = Buffer.concat([Buffer.from('K'), tuple('1', null), Buffer.from('N'), tuple('2', 'x')])
    const other = message('U', int32(RELATION), key)
    const tags = read(begin, relation('id', 'name'), other, commit).written.list()
    expect(tags).to.deep.equal(['any-table', 'a[]', 'a#1', 'a#2'])
    const gone = message('D', int32(RELATION), Buffer.from('K'), tuple('3', null))
    expect(read(begin, relation('id', 'name'), gone, commit).written.list()).to.include('a#3')
  })

  it('takes a value that is stored elsewhere from the row before, or for any', () => {
    const old = Buffer.concat([Buffer.from('O'), tuple('1', 'x'), Buffer.from('N'), tuple(undefined, 'y')])
    const known = read(begin, relation('id', 'name'), message('U', int32(RELATION), old), commit)
    expect(known.written.list()).to.deep.equal(['any-table', 'a[]', 'a#1'])
    const unknown = message('U', int32(RELATION), Buffer.from('N'), tuple(undefined, 'y'))
    expect(read(begin, relation('id', 'name'), unknown, commit).written.list()).to.include('a#*')
  })

  it('tells a table that has changed from one of which the log leaves generated columns out', () => {
    expect(read(begin, relation('id', 'name'), commit).changesSchema).to.equal(false)
    expect(read(begin, relation('id', 'name', 'upper'), commit).changesSchema).to.equal(false)
    for (const names of [['id'], ['id', 'name', 'country']]) {
      const committed = read(begin, relation(...names), commit)
      expect(committed.changesSchema, names.join()).to.equal(true)
      expect(committed.written.isWhole('a'), names.join()).to.equal(true)
    }
    expect(read(begin, relation('id', 'name'), relation('id', 'name'), commit).changesSchema).to.equal(false)
  })

  it('hears messages of its own that are committed, and no others', () => {
    const told = (flags: number, prefix: string) =>
      read(
        begin,
        message('M', Buffer.from([flags]), int64(1n), text(prefix), int32(3), Buffer.from('ddl')),
        commit,
      )
    expect(told(1, 'express-cacheable').changesSchema).to.equal(true)
    expect(told(0, 'express-cacheable').changesSchema).to.equal(false)
    expect(told(1, 'another').changesSchema).to.equal(false)
  })

  it('ends at once where a message is cut off or belongs to nothing', () => {
    expect(() => read(begin.subarray(0, 5))).to.throw(RangeError)
    expect(() => read(commit)).to.throw(RangeError)
    expect(() => read(begin, message('I', int32(1), Buffer.from('N'), tuple('1')))).to.throw(RangeError)
    const cut = message('I', int32(RELATION), Buffer.from('N'), tuple('1', 'x')).subarray(0, 12)
    expect(() => read(begin, relation('id', 'name'), cut)).to.throw(RangeError)
  })
})
