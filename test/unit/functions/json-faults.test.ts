import { expect } from 'chai'
import fc from 'fast-check'
import { jsonFault } from '#src/functions/json-faults.js'

describe('jsonFault', () => {
  class Point {
    x = 1
  }
  const cyclic: Record<string, unknown> = {}
  cyclic.self = { of: cyclic }
  const faults: [value: unknown, fault: string][] = [
    [undefined, 'it is undefined'],
    [1n, 'it is a bigint'],
    [Number.NaN, 'it is NaN'],
    [-0, 'it is -0'],
    [Symbol('a'), 'it is a symbol'],
    [() => 1, 'it is a function'],
    [{ at: new Date(0) }, 'it.at is a Date'],
    [{ list: [{ of: new Map() }] }, 'it.list[0].of is a Map'],
    [new Point(), 'it is a Point'],
    [[1, undefined], 'it[1] is undefined'],
    // biome-ignore lint/suspicious/noSparseArray: it is what the test is about.
    [[1, , 2], 'it[1] is undefined'],
    [Buffer.from('a'), 'it is a Buffer'],
    [cyclic, 'it.self.of contains itself'],
  ]
  for (const [value, fault] of faults) {
    it(`says where and what: ${fault}`, () => {
      expect(jsonFault(value)).to.equal(fault)
    })
  }

  it('takes a field that is undefined for one that is left out, and the same object twice for two', () => {
    const shared = { a: 1 }
    expect(jsonFault({ a: undefined, b: [shared, shared], c: null })).to.equal(undefined)
  })

  it('finds none where what is read again is the same', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const again: unknown = JSON.parse(JSON.stringify(value))
        if (jsonFault(value) === undefined) expect(again).to.deep.equal(value)
      }),
    )
  })
})
