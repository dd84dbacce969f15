import { expect } from 'chai'
import fc from 'fast-check'
import { canBeginWith, canMeet, shapeOf } from '#src/keys/overlap.js'
import { parsePattern, parseTemplate } from '#src/keys/template.js'

const meets = (one: string, other: string) => canMeet(parsePattern(one, 'here'), parsePattern(other, 'here'))

describe('canMeet', () => {
  const pairs: readonly [one: string, other: string, expected: boolean][] = [
    ['user:{id}', 'user:{name}', true],
    ['user:{id}', 'user:me', true],
    ['user:{id}', 'users:me', false],
    ['user:{id}', 'user:{id}:tasks', false],
    ['customers:count', 'customers:count', true],
    ['customers:count', 'customers:total', false],
    ['customers:*', 'customers:list:{page}:{limit}', true],
    ['customers:*', 'customers', false],
    ['customers:*:10', 'customers:list:{page}:{limit}', false],
    ['customers:*:{page}:*', 'customers:list:{page}:{limit}', true],
    ['*', 'anything:at:all', true],
    ['a:*', 'a:b:*', true],
    ['a:b:*', 'a:*:c', true],
    ['a:*:c', 'a:b:d', false],
    // Within a segment: literals around the values decide.
    ['u-{id}', 't-{id}', false],
    ['{id}-u', '{id}-t', false],
    ['u-{id}', '{name}-x', true],
    ['{a}/{b}', '{id}', false],
    ['{a}/{b}', '{a}/{b}/{c}', false],
    ['{a}/{b}', 'x/{id}', true],
    ['{a}/{b}', 'x/y', true],
    ['{a}/{b}', 'x/', false],
    ['{a}.x', '.x', false],
    ['ab{x}', 'a{y}c', true],
    ['a{x}a', 'aa', false],
    ['a{x}a', 'aaa', true],
    // A default is spelt as no value is.
    ['list:{page|1}', 'list:{page}', true],
    ['list:{page|1}', 'list:|1', true],
    ['list:{page|1}', 'list:|2', false],
    ['list:{page}', 'list:|1', false],
    ['list:{page|=1}', 'list:|1', false],
    ['list:*', 'list:|1', true],
    ['{a|1}/{b}', '{a}/{b|2}', true],
  ]
  for (const [one, other, expected] of pairs) {
    it(`says that '${one}' and '${other}' ${expected ? 'can' : 'cannot'} be the same key`, () => {
      expect(meets(one, other)).to.equal(expected)
      expect(meets(other, one)).to.equal(expected)
    })
  }

  it('agrees, for one segment, with trying all short texts', () => {
    const texts = allTexts(['a', 'b', '/', '|'], 6)
    fc.assert(
      fc.property(segment, segment, (one, other) => {
        const expected = texts.some((text) => covers(one, text) && covers(other, text))
        expect(meets(one, other), `${one} and ${other}`).to.equal(expected)
      }),
      { numRuns: 500 },
    )
  })

  it('agrees, for several segments, with trying all short keys', () => {
    const keys = allTexts(['a:', 'b:', '|a:'], 5).map((key) => key.slice(0, -1))
    fc.assert(
      fc.property(pattern, pattern, (one, other) => {
        const expected = keys.some((key) => covers(one, key) && covers(other, key))
        expect(meets(one, other), `${one} and ${other}`).to.equal(expected)
      }),
      { numRuns: 500 },
    )
  })
})

describe('shapeOf', () => {
  it('is the same for templates that differ in names, sources and defaults only', () => {
    const shapes = ['list:{id}/{x}:*', 'list:{query.page|1}/{user.id}:*'].map((text) =>
      shapeOf(parsePattern(text, 'here')),
    )
    expect(shapes).to.deep.equal(['list:{}/{}:*', 'list:{}/{}:*'])
  })

  it('differs where fixed text, segments or dividers differ', () => {
    const texts = ['a:{x}', 'b:{x}', 'a:{x}:{y}', 'a:{x}/{y}', 'a:{x}+{y}', 'a:x']
    expect(new Set(texts.map((text) => shapeOf(parseTemplate(text, 'here'))))).to.have.property('size', 6)
  })
})

/** Text and placeholders in any order that the parser takes. */
const segment = fc
  .array(fc.constantFrom('a', 'b', '/', '{x}', '{x|a}', '{x|=b}', '|'), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join(''))
  .filter(isPattern)

const pattern = fc
  .array(fc.constantFrom('a', 'b', '{x}', '{x|a}', '|a', '*'), { minLength: 1, maxLength: 4 })
  .map((segments) => segments.join(':'))

function isPattern(text: string): boolean {
  try {
    parsePattern(text, 'here')
    return true
  } catch {
    return false
  }
}

/** All texts of one to `length` of the pieces. */
function allTexts(pieces: readonly string[], length: number): string[] {
  const shorter = length === 1 ? [''] : ['', ...allTexts(pieces, length - 1)]
  return [...new Set(shorter.flatMap((text) => pieces.map((piece) => text + piece)))]
}

const EXPRESSIONS = new Map<string, RegExp>()

/** By a regular expression of its own, so that the test does not ask what it tests. */
function covers(patternText: string, key: string): boolean {
  const expression = EXPRESSIONS.get(patternText) ?? expressionOf(patternText)
  EXPRESSIONS.set(patternText, expression)
  return expression.test(key)
}

function expressionOf(patternText: string): RegExp {
  const sources = patternText.split(':').map((text, index, { length }) => {
    if (text === '*') return index === length - 1 ? '[^:]+(:[^:]+)*' : '[^:]+'
    return text
      .replaceAll(/\|(?![^{}]*\})/g, String.raw`\|`)
      .replaceAll(/\{x(\|=b)?\}/g, '[ab]+')
      .replaceAll('{x|a}', String.raw`(?:[ab]+|\|a)`)
  })
  return new RegExp(`^${sources.join(':')}$`)
}

describe('canBeginWith', () => {
  for (const [template, text, can] of [
    ['{query.tenant}:{id}', 'crm:', true],
    ['{query.tenant}:{id}', 'crm', true],
    ['{query.tenant}:{id}', 'crm:a:', false],
    ['{query.tenant}:{kind}:{id}', 'crm:a:', true],
    ['a{x}:{id}', 'crm:', false],
    ['c{x}:{id}', 'crm:', true],
    ['crm:{id}', 'crm:', true],
    ['row:{id}', 'crm:', false],
    ['{id}', 'crm/', false],
    ['{id}', 'crm:', false],
    ['{id|none}', '', true],
    ['{query.tenant|crm}:{id}', '|crm:', true],
    ['{query.tenant|crm}:{id}', '|sales:', false],
    ['{query.tenant|crm}x:{id}', '|crmx:', true],
  ] as const) {
    it(`is ${can} of ${template} and '${text}'`, () => {
      expect(canBeginWith(parseTemplate(template, ''), text)).to.equal(can)
    })
  }
})
