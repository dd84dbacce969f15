import { expect } from 'chai'
import fc from 'fast-check'
import { joinParts } from '#src/keys/key-parts.js'
import { matchesPattern } from '#src/keys/match-pattern.js'
import { renderKey, renderPatterns } from '#src/keys/render.js'
import { parsePattern, parseTemplate } from '#src/keys/template.js'

const part = fc.oneof(
  fc.string({ unit: fc.constantFrom(...':*#{}%/|=a1'), minLength: 1, maxLength: 5 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }),
)
const parts = fc.array(part, { minLength: 1, maxLength: 4 })

describe('joinParts', () => {
  const keyOf = (list: readonly unknown[], prefix = ''): string => {
    const joined = joinParts(prefix, list)
    return joined.ok ? joined.key : `none: ${joined.reason}`
  }

  it('escapes each part, and puts the prefix in front as it is', () => {
    expect(keyOf(['feed', 7, 'a:b*', true], 'crm:')).to.equal('crm:feed:7:a%3Ab%2A:true')
  })

  it('gives different keys for different parts', () => {
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        expect(keyOf(one) === keyOf(other)).to.equal(JSON.stringify(one) === JSON.stringify(other))
      }),
      { numRuns: 3_000 },
    )
  })

  it('gives what a template gives for the same values, so that its patterns find it', () => {
    const text = 'feed:{a}:{b}'
    fc.assert(
      fc.property(part, part, (a, b) => {
        const resolve = ({ path }: { path: readonly string[] }) => (path[0] === 'a' ? a : b)
        const key = keyOf(['feed', a, b])
        expect(renderKey(parseTemplate(text, ''), resolve)).to.deep.equal({ ok: true, key })
        const [pattern = ''] = renderPatterns(parsePattern('feed:{a}:*', ''), resolve)
        expect(matchesPattern(pattern, key)).to.equal(true)
      }),
      { numRuns: 1_000 },
    )
  })

  it('gives none without parts, for a part without a value, and for one that is too long', () => {
    expect(keyOf([])).to.equal('none: no parts of a key')
    for (const none of [undefined, null, '', [], {}, Number.NaN, Symbol('a'), () => 1, '\ud800']) {
      expect(keyOf(['feed', none, 1])).to.equal('none: no value for part 2 of the key')
    }
    expect(keyOf(['x'.repeat(1_024)])).to.have.length(1_024)
    expect(keyOf(['x'.repeat(1_024)], 'a:')).to.equal('none: key over 1024 bytes')
  })
})
