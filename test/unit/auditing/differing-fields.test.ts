import { expect } from 'chai'
import type { AuditedAnswer } from '#src/auditing/audited-answer.js'
import { differingFields } from '#src/auditing/differing-fields.js'
import { ignoredFields } from '#src/auditing/ignored-fields.js'
import { JSON_TYPE } from '#src/http/representation.js'

const json = (value: unknown): AuditedAnswer => text(JSON.stringify(value), JSON_TYPE)

function text(body: string, contentType = 'text/html', status = 200): AuditedAnswer {
  return { status, contentType, body: Buffer.from(body) }
}

function fields(one: unknown, other: unknown, ignore: readonly string[] = []): readonly string[] {
  return differingFields(json(one), json(other), ignoredFields(ignore))
}

describe('differingFields', () => {
  it('finds none in the same values, in whatever order their fields are', () => {
    expect(fields({ a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1 })).to.deep.equal([])
    expect(fields('text', 'text')).to.deep.equal([])
  })

  it('names each field that differs, is missing or has come, with * for the elements of lists', () => {
    const one = { name: 'Ada', items: [{ amount: 1 }, { amount: 2 }], old: true, same: {} }
    const other = { name: 'Bob', items: [{ amount: 1 }, { amount: 3 }], new: true, same: {} }
    expect(fields(one, other)).to.deep.equal(['items.*.amount', 'name', 'new', 'old'])
  })

  it('names the list whose length differs, and the body where that is another value altogether', () => {
    expect(fields({ items: [1] }, { items: [1, 2] })).to.deep.equal(['items'])
    expect(fields([1], [2, 3])).to.deep.equal(['(body)'])
    expect(fields({ a: { b: 1 } }, { a: [1] })).to.deep.equal(['a'])
    expect(fields(1, 2)).to.deep.equal(['(body)'])
  })

  it('tells the absent, null and empty apart', () => {
    expect(fields({ a: null }, {})).to.deep.equal(['a'])
    expect(fields({ a: {} }, { a: [] })).to.deep.equal(['a'])
    expect(fields({ a: 0 }, { a: '0' })).to.deep.equal(['a'])
  })

  it('leaves out ignored names at any depth, and ignored paths where they lead', () => {
    const one = { generatedAt: 1, page: { generatedAt: 2 }, items: [{ seenAt: 3 }], seenAt: 4 }
    const other = { generatedAt: 5, page: { generatedAt: 6 }, items: [{ seenAt: 7 }], seenAt: 8 }
    expect(fields(one, other, ['generatedAt', 'items.*.seenAt'])).to.deep.equal(['seenAt'])
    expect(fields(one, other, ['generatedAt', 'seenAt'])).to.deep.equal([])
    expect(fields(one, other, ['page.*', 'generatedAt.x', 'seenAt'])).to.deep.equal(['generatedAt'])
  })

  it('gives no name that may be a value, as where people are the keys of an object', () => {
    const of = (count: number) => ({ byUser: { 'ada@example.com': { open: count }, '+81 3 1234': count } })
    expect(fields(of(1), of(2))).to.deep.equal(['byUser.*', 'byUser.*.open'])
  })

  it('names twenty at most', () => {
    const wide = (value: number) =>
      Object.fromEntries(Array.from({ length: 50 }, (_, nth) => [`f${nth}`, value]))
    expect(fields(wide(1), wide(2))).to.have.length(20)
  })

  it('compares JSON that is nested deeper than a call may be', () => {
    const deep = (value: string) => text(`${'['.repeat(100_000)}${value}${']'.repeat(100_000)}`, JSON_TYPE)
    const found = differingFields(deep('1'), deep('2'), ignoredFields(['a.b']))
    expect(found).to.deep.equal([Array(12).fill('*').join('.')])
  })

  it('compares lists that are longer than a call may have arguments', () => {
    const long = (last: number) => [...Array.from({ length: 300_000 }, () => ({})), { last }]
    expect(fields(long(1), long(2))).to.deep.equal(['*.last'])
  })

  it('compares what is no JSON byte by byte', () => {
    const none = ignoredFields([])
    expect(differingFields(text('<p>1'), text('<p>1'), none)).to.deep.equal([])
    expect(differingFields(text('<p>1'), text('<p>2'), none)).to.deep.equal(['(body)'])
    expect(differingFields(text('{"a":1}', JSON_TYPE), text('{"a"', JSON_TYPE), none)).to.deep.equal([
      '(body)',
    ])
  })

  it('compares the status, and the content type however it is written', () => {
    const none = ignoredFields([])
    expect(differingFields(text('', 'text/html', 200), text('', 'text/html', 404), none)).to.deep.equal([
      '(status)',
    ])
    expect(differingFields(text('a', 'text/html'), text('a', 'text/plain'), none)).to.deep.equal([
      '(content type)',
    ])
    const spaced = text('a', 'Text/HTML;charset=UTF-8')
    expect(differingFields(text('a', 'text/html; charset=utf-8'), spaced, none)).to.deep.equal([])
  })
})
