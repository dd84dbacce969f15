import { expect } from 'chai'
import fc from 'fast-check'
import { matchesPattern } from '#src/keys/match-pattern.js'
import { type ResolveValue, renderKey, renderPatterns, withVariant } from '#src/keys/render.js'
import { parsePattern, parseTemplate, type Template } from '#src/keys/template.js'

/** Every way to put one to four placeholders: in segments of their own, or in one, with any divider. */
const TEMPLATES = [
  'k:{a}',
  'k:x-{a}-y',
  'k:{a}:{b}',
  'k:{a}:fix:{b}',
  'k:{a}/{b}',
  'k:{a}+{b}',
  'k:x{a}y,z{b}w',
  'k:{a}:{b}:{c}',
  'k:{a}/{b}/{c}',
  'k:{a}=x=y{b}&{c}',
  'k:{a}/{b}:{c}',
  'k:{a}:{b}:{c}:{d}',
  'k:{a}/{b}:{c};{d}',
  'k:({a})({b})!{c};{d}',
].map((text) => parseTemplate(text, 'here'))

const template = fc.constantFrom(...TEMPLATES)

/** Texts made of what could be taken for something else, as well as any. */
const value = fc.oneof(
  fc.string({ unit: fc.constantFrom(...':*#{}%/+,=$!&;()-a1.2A'), minLength: 1, maxLength: 6 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }),
)
const tuple = fc.tuple(value, value, value, value)

function resolveValue(values: readonly unknown[]): ResolveValue {
  return ({ path }) => values['abcd'.indexOf(path[0] as string)]
}

function keyOf(of: Template, values: readonly unknown[]): string {
  const rendered = renderKey(of, resolveValue(values))
  if (!rendered.ok) throw new Error(rendered.reason)
  return rendered.key
}

/** Only as many as the template has places for. */
function used(of: Template, values: readonly unknown[]): readonly unknown[] {
  return values.slice(0, of.placeholders.length)
}

describe('keys', () => {
  it('are different for different values', () => {
    fc.assert(
      fc.property(template, tuple, tuple, (of, one, other) => {
        const isSame = JSON.stringify(used(of, one)) === JSON.stringify(used(of, other))
        expect(keyOf(of, one) === keyOf(of, other)).to.equal(isSame)
      }),
      { numRuns: 3_000 },
    )
  })

  it('are different where the same characters are divided differently over the places', () => {
    fc.assert(
      fc.property(
        template,
        fc.string({ unit: fc.constantFrom(...'a/:+,=x-'), minLength: 5, maxLength: 9 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 2 }),
        (of, text, [here, there]) => {
          fc.pre(of.placeholders.length > 1)
          const cut = (at: number) => [text.slice(0, at), text.slice(at), 'c', 'd']
          expect(keyOf(of, cut(here as number))).not.to.equal(keyOf(of, cut(there as number)))
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it('contain nothing from a value that has a meaning', () => {
    fc.assert(
      fc.property(tuple, (values) => {
        const key = keyOf(parseTemplate('k:{a}:{b}:{c}:{d}', 'here'), values)
        expect(key.split(':')).to.have.length(5)
        expect(key).to.match(/^[A-Za-z0-9._~@%:-]+$/)
      }),
      { numRuns: 1_000 },
    )
  })

  it('with different variants of headers are different', () => {
    const header = fc.option(fc.string({ maxLength: 6 }), { nil: undefined })
    const headers = fc.tuple(header, header)
    const variant = ([a, b]: [string | undefined, string | undefined]) =>
      withVariant(
        'k:1',
        new Map([
          ['x-a', a],
          ['x-b', b],
        ]),
      )
    fc.assert(
      fc.property(headers, headers, (one, other) => {
        const isSame = one[0] === other[0] && one[1] === other[1]
        expect(variant(one) === variant(other)).to.equal(isSame)
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('a pattern rendered with values', () => {
  it('covers exactly the key rendered with them, and its variants', () => {
    fc.assert(
      fc.property(template, tuple, tuple, (of, one, other) => {
        const [pattern = '', ...others] = renderPatterns(parsePattern(of.text, 'here'), resolveValue(one))
        expect(others).to.deep.equal([])
        const isSame = JSON.stringify(used(of, one)) === JSON.stringify(used(of, other))
        const key = keyOf(of, other)
        expect(matchesPattern(pattern, key)).to.equal(isSame)
        expect(matchesPattern(pattern, withVariant(key, new Map([['x', 'a:b']])))).to.equal(isSame)
      }),
      { numRuns: 3_000 },
    )
  })

  it('covers with a star every value in its place, and no other place', () => {
    const pattern = parsePattern('k:{a}:*:{c}', 'here')
    const keys = parseTemplate('k:{a}:{b}:{c}', 'here')
    fc.assert(
      fc.property(tuple, tuple, (one, other) => {
        const isCovered = one[0] === other[0] && one[2] === other[2]
        expect(isEvicted(pattern, one, keyOf(keys, other))).to.equal(isCovered)
      }),
      { numRuns: 2_000 },
    )
  })

  it('widens where a value is missing, and so covers whatever the value was', () => {
    const pattern = parsePattern('k:{a}:{b}/{c}:{d}', 'here')
    const keys = parseTemplate('k:{a}:{b}/{c}:{d}', 'here')
    fc.assert(
      fc.property(tuple, fc.subarray([0, 1, 2, 3]), (values, missing) => {
        const known = values.map((text, index) => (missing.includes(index) ? undefined : text))
        expect(isEvicted(pattern, known, keyOf(keys, values))).to.equal(true)
      }),
      { numRuns: 1_000 },
    )
  })

  it('of user:1 leaves user:10', () => {
    const pattern = parsePattern('user:{a}', 'here')
    expect(isEvicted(pattern, [1], 'user:1')).to.equal(true)
    expect(isEvicted(pattern, [1], 'user:10')).to.equal(false)
    expect(isEvicted(pattern, [1], 'user:1:tasks')).to.equal(false)
  })
})

describe('defaults', () => {
  it('share a key with no value, but where they are declared to mean it', () => {
    fc.assert(
      fc.property(withDefaults, fc.array(mayBeAbsent, { minLength: 8, maxLength: 8 }), (of, values) => {
        const [one, other] = [values.slice(0, 4), values.slice(4)]
        const isSame = JSON.stringify(meant(of, one)) === JSON.stringify(meant(of, other))
        expect(keyOf(of, one) === keyOf(of, other), `${of.text} ${JSON.stringify(values)}`).to.equal(isSame)
      }),
      { numRuns: 5_000 },
    )
  })

  it('in a pattern cover what is kept of absent values and of the value they say, and nothing else', () => {
    fc.assert(
      fc.property(withDefaults, fc.array(mayBeAbsent, { minLength: 8, maxLength: 8 }), (of, values) => {
        const [written, read] = [values.slice(0, 4), values.slice(4)]
        const asked = meant(of, read)
        const isCovered = of.placeholders.every(({ fallback }, nth) =>
          written[nth] === undefined
            ? asked[nth] === ABSENT || asked[nth] === fallback?.value
            : asked[nth] === written[nth],
        )
        const isCounted = meant(of, written).filter((value) => value === ABSENT).length <= 3
        const pattern = parsePattern(of.text, 'here')
        const message = `${of.text} ${JSON.stringify(values)}`
        // Of more than eight spellings what they have in common is evicted.
        if (isCovered || isCounted) {
          expect(isEvicted(pattern, written, keyOf(of, read)), message).to.equal(isCovered)
        }
      }),
      { numRuns: 5_000 },
    )
  })

  it('keep the keys of the guide where they are declared to mean the value', () => {
    const list = parseTemplate('customers:list:{a|=1}:{b|=10}:{c|=all}', 'here')
    expect(keyOf(list, [])).to.equal('customers:list:1:10:all')
    expect(keyOf(list, ['1', 10, 'all'])).to.equal('customers:list:1:10:all')
  })
})

const ABSENT = '(absent)'
const DEFAULTS = ['1', 'all', 'a-1']

/** The same templates, in which each placeholder has a default that is told from the value, or one that is not. */
const withDefaults = fc
  .tuple(
    template,
    fc.array(fc.tuple(fc.constantFrom('|', '|='), fc.constantFrom(...DEFAULTS)), {
      minLength: 4,
      maxLength: 4,
    }),
  )
  .map(([{ text }, defaults]) =>
    parseTemplate(
      text.replaceAll(
        /\{(.)\}/g,
        (_all, name: string) => `{${name}${defaults['abcd'.indexOf(name)]?.join('')}}`,
      ),
      'here',
    ),
  )

/** Often the default itself, or what looks like its spelling. */
const mayBeAbsent = fc.oneof(
  fc.constant(undefined),
  fc.constantFrom(...DEFAULTS, ...DEFAULTS.map((text) => `|${text}`)),
  value,
)

/** What a request says in each place, as the app is declared to take it. */
function meant(of: Template, values: readonly (string | undefined)[]): readonly (string | undefined)[] {
  return of.placeholders.map(({ text, fallback }, nth) =>
    values[nth] === undefined && !text.includes('|=') ? ABSENT : (values[nth] ?? fallback?.value),
  )
}

function isEvicted(pattern: Template, values: readonly unknown[], key: string): boolean {
  return renderPatterns(pattern, resolveValue(values)).some((rendered) => matchesPattern(rendered, key))
}
