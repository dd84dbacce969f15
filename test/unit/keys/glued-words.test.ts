import { expect } from 'chai'
import fc from 'fast-check'
import { gluedWords } from '#src/keys/glued-words.js'
import { wordFinder, wordsOf } from '#src/keys/named-words.js'
import { renderKey } from '#src/keys/render.js'
import { parsePattern, parseTemplate, type Template } from '#src/keys/template.js'

const wordsIn = (template: Template, value: string) => gluedWords(template, value)

describe('gluedWords', () => {
  it('gives a value with the letters and digits right beside it', () => {
    expect(wordsIn(parseTemplate('user:u{id}', ''), '42')).to.deep.equal(['u42'])
    expect(wordsIn(parseTemplate('a-b2{id}x-y:{other}/v{third}', ''), '4:2')).to.deep.equal([
      'b24%3A2x',
      'v4%3A2',
    ])
  })

  it('gives none where a value stands by itself', () => {
    expect(wordsIn(parsePattern('user:{id}:*:x-{id}.json', ''), '42')).to.deep.equal([])
  })

  it('leads, with the ways in which a value stands by itself, to each key that a rule makes of it', () => {
    const template = fc
      .constantFrom(
        'k:{a}',
        'k:x-{a}',
        'k:x{a}y',
        'k:{a}/v{b}:{c}',
        '{a}z+{b}q:{c}',
        'k:({a})1{b}',
        '{a|all}:{b|=1}',
      )
      .map((text) => parseTemplate(text, ''))
    const value = fc.oneof(
      fc.string({ unit: fc.constantFrom(...':*#%/+.-a12A '), minLength: 1, maxLength: 5 }),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5 }),
    )
    fc.assert(
      fc.property(template, fc.tuple(value, value, value), fc.nat(2), (of, values, nth) => {
        const place = nth % of.placeholders.length
        const names = of.placeholders.map(({ path }) => path[0])
        const rendered = renderKey(of, ({ path }) => values[names.indexOf(path[0])])
        const sought = values[place] as string
        if (!rendered.ok) throw new Error(rendered.reason)
        expect(wordFinder([...wordsOf(sought), ...gluedWords(of, sought)])(rendered.key)).to.equal(true)
      }),
    )
  })
})
