import { expect } from 'chai'
import fc from 'fast-check'
import { escapeText, escapeValue } from '#src/keys/escape-value.js'
import { PathSegments } from '#src/keys/path-segments.js'

const text = (value: string) => ({ kind: 'text', text: value })

describe('escapeValue', () => {
  const texts: readonly [name: string, value: unknown, expected: string][] = [
    ['letters, digits and . _ ~ @ -', 'Ab9._~@-', 'Ab9._~@-'],
    ['an e-mail address', 'a.b@crm.example', 'a.b@crm.example'],
    ['a colon and a star', 'a:b*', 'a%3Ab%2A'],
    ['the separator of variants', 'a#b', 'a%23b'],
    ['braces', '{id}', '%7Bid%7D'],
    ['a percent sign', '100%', '100%25'],
    ['what looks escaped already', '%2A', '%252A'],
    ["the five that encodeURIComponent leaves: ! ' ( ) *", "!'()*", '%21%27%28%29%2A'],
    ['dividers of a template', '/+,=$!&;()', '%2F%2B%2C%3D%24%21%26%3B%28%29'],
    ['glob characters', '?[a-c]\\', '%3F%5Ba-c%5D%5C'],
    ['a space', ' ', '%20'],
    ['NUL', '\0', '%00'],
    ['a line break', 'a\r\nb', 'a%0D%0Ab'],
    ['two bytes of UTF-8', 'é', '%C3%A9'],
    ['four bytes of UTF-8', '😀', '%F0%9F%98%80'],
    ['a combining accent, which is not normalised', 'e\u0301', 'e%CC%81'],
    ['a zero', 0, '0'],
    ['a negative zero, which is a zero', -0, '0'],
    ['a fraction', -1.5, '-1.5'],
    ['a number with an exponent', 1e21, '1e%2B21'],
    ['a bigint', 12345678901234567890n, '12345678901234567890'],
    ['true', true, 'true'],
    ['false', false, 'false'],
    ['a date', new Date(0), '1970-01-01T00%3A00%3A00.000Z'],
  ]
  for (const [name, value, expected] of texts) {
    it(`renders ${name}`, () => expect(escapeValue(value)).to.deep.equal(text(expected)))
  }

  for (const value of [undefined, null]) {
    it(`takes ${value} for absent`, () => expect(escapeValue(value)).to.deep.equal({ kind: 'absent' }))
  }

  const unusable: readonly [name: string, value: unknown][] = [
    ['an empty text', ''],
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['an invalid date', new Date(Number.NaN)],
    ['an array, also of one', ['a']],
    ['an object', { id: 1 }],
    ['a boxed text', Object('a')],
    ['a symbol', Symbol('a')],
    ['a function', () => 'a'],
    ['a lone high surrogate', 'a\uD83D'],
    ['a lone low surrogate', '\uDE00b'],
    ['100 kB', 'x'.repeat(100_000)],
    ['one character more than a key may have', 'x'.repeat(1_025)],
  ]
  for (const [name, value] of unusable) {
    it(`takes ${name} for unusable, not for absent`, () =>
      expect(escapeValue(value)).to.deep.equal({ kind: 'unusable' }))
  }

  it('takes a text as long as a key may be', () =>
    expect(escapeValue('x'.repeat(1_024))).to.deep.equal(text('x'.repeat(1_024))))

  it('gives any text back by percent-decoding, so two texts never meet', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 50 }), (value) => {
        const escaped = escapeValue(value)
        expect(escaped.kind === 'text' && decodeURIComponent(escaped.text)).to.equal(value)
      }),
    )
  })

  const segments = fc.array(fc.string({ unit: fc.constantFrom(...'ab/%2fF:*') }), {
    minLength: 2,
    maxLength: 4,
  })

  it('gives different segments of a path different texts, which no single value has', () => {
    fc.assert(
      fc.property(
        segments,
        segments,
        fc.string({ unit: fc.constantFrom(...'ab/%2fF:*') }),
        (one, other, single) => {
          const [a, b] = [one, other].map((list) => escapeValue(new PathSegments(list)))
          expect(a).not.to.deep.equal(escapeValue(single))
          if (JSON.stringify(one) === JSON.stringify(other)) expect(a).to.deep.equal(b)
          else expect(a).not.to.deep.equal(b)
        },
      ),
    )
  })

  it('has no text for segments that are empty, too long, or no text', () => {
    expect(escapeValue(new PathSegments(['a', '', 'b']))).to.deep.equal(text('a%2f%2fb'))
    for (const list of [[], [''], ['x'.repeat(600), 'y'.repeat(600)], ['a', '\ud800']]) {
      expect(escapeValue(new PathSegments(list)), String(list)).to.deep.equal({ kind: 'unusable' })
    }
    expect(escapeValue(PathSegments.from(['a', 1]))).to.deep.equal({ kind: 'unusable' })
  })

  it('gives only characters that have no meaning in a key', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (value) => {
        const escaped = escapeValue(value)
        expect(escaped.kind === 'text' && escaped.text).to.match(/^([A-Za-z0-9._~@-]|%[0-9A-F]{2})+$/)
      }),
    )
  })

  it('never throws, whatever the value', () => {
    fc.assert(
      fc.property(fc.anything({ withDate: true, withBigInt: true, withBoxedValues: true }), (value) => {
        expect(escapeValue(value).kind).to.be.oneOf(['text', 'absent', 'unusable'])
      }),
    )
  })
})

describe('escapeText', () => {
  it('escapes alike, and also empty and long texts', () => {
    expect(escapeText('')).to.equal('')
    expect(escapeText("de, en;q=0.5 'x'")).to.equal('de%2C%20en%3Bq%3D0.5%20%27x%27')
    expect(escapeText(':'.repeat(2_000))).to.equal('%3A'.repeat(2_000))
  })
})
