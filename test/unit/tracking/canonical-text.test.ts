import { expect } from 'chai'
import type { Column, ColumnFamily } from '#src/sql/relation.js'
import { canonicalText, canonicalWritten } from '#src/tracking/canonical-text.js'

const column = (family: ColumnFamily | undefined, isLimited = false): Column => ({
  name: 'x',
  family,
  enumType: undefined,
  isLimited,
  hasDefault: false,
  isGenerated: false,
})

describe('canonical text', () => {
  it('is the same for all spellings of a whole number', () => {
    const texts = [7, 7n, '7', '07', '+7', '007'].map((value) => canonicalText(value, column('integer')))
    expect(new Set(texts)).to.deep.equal(new Set(['7']))
    expect(canonicalText(-0, column('integer'))).to.equal('0')
    expect(canonicalText('-0', column('integer'))).to.equal('0')
    expect(canonicalText('9007199254740993', column('integer'))).to.equal('9007199254740993')
  })

  it('is not there for what is no whole number', () => {
    for (const value of [1.5, '1.0', '1e3', ' 7', '', 'x', true, 1e21, Number.NaN, {}, [7]]) {
      expect(canonicalText(value, column('integer')), String(value)).to.equal(undefined)
    }
  })

  it('is the same for all spellings of a uuid that are taken', () => {
    const uuid = 'A0000000-0000-4000-8000-00000000000B'
    expect(canonicalText(uuid, column('uuid'))).to.equal(uuid.toLowerCase())
    expect(canonicalText(`{${uuid}}`, column('uuid'))).to.equal(undefined)
  })

  it('takes booleans as drivers do', () => {
    expect([true, 'true', 't'].map((value) => canonicalText(value, column('boolean')))).to.deep.equal(
      Array(3).fill('true'),
    )
    expect(canonicalText(1, column('boolean'))).to.equal(undefined)
  })

  it('tells null from every text', () => {
    expect(canonicalText(null, column('text'))).to.equal('(null)')
    for (const text of ['(null)', 'null', '', '*']) {
      expect(canonicalText(text, column('text')), text).to.not.be.oneOf(['(null)', '*', undefined])
    }
  })

  it('keeps texts apart, also long ones and those with half a character', () => {
    const texts = [
      'a',
      'A',
      'a ',
      'a=b',
      'a%3Db',
      'ü',
      'x'.repeat(101),
      'x'.repeat(102),
      'ü'.repeat(50),
      '\u{1F600}',
    ]
    expect(new Set(texts.map((text) => canonicalText(text, column('text')))).size).to.equal(texts.length)
    expect(canonicalText('\uD800', column('text'))).to.equal(canonicalText('\uFFFD', column('text')))
    for (const text of texts) expect(canonicalText(text, column('text'))?.length).to.be.at.most(100)
  })

  it('knows no text whose blanks PostgreSQL may drop', () => {
    expect(canonicalWritten('a ', column('text', true))).to.equal(undefined)
    expect(canonicalWritten('a ', column('text'))).to.equal('a%20')
    expect(canonicalText('a ', column('text', true))).to.equal('a%20')
  })

  it('takes no value that may have been compared as one of another type', () => {
    expect(canonicalText('a', column('text'), true)).to.equal(undefined)
    expect(canonicalText('9007199254740993', column('integer'), true)).to.equal(undefined)
    expect(canonicalText(7, column('integer'), true)).to.equal('7')
  })

  it('is not there for other types', () => {
    expect(canonicalText('a', column(undefined))).to.equal(undefined)
  })
})
