import { expect } from 'chai'
import fc from 'fast-check'
import { escapeText } from '#src/keys/escape-value.js'
import { wordFinder, wordsOf } from '#src/keys/named-words.js'

describe('wordFinder', () => {
  const named: readonly [word: string, text: string][] = [
    ['42', '42'],
    ['42', 'user:42'],
    ['42', 'user:|42'],
    ['42', 'users#42'],
    ['42', 'tasks[status=open,userId=42]'],
    ['42', 'user_42.json'],
    ['42', 'page:%2Fusers%2F42%3Fpage%3D1'],
    ['42', 'files:a%2f42'],
    ['42', 'page:%2F%3Fq%3Duser%253A42'],
    ['42', '142:42'],
    ['ab-CD', 'user:AB-cd'],
  ]
  for (const [word, text] of named) {
    it(`finds ${word} in ${text}`, () => {
      expect(wordFinder([word])(text)).to.equal(true)
      expect(wordFinder(['other', word])(text)).to.equal(true)
    })
  }

  const unnamed: readonly [word: string, text: string][] = [
    ['42', ''],
    ['42', 'user:142'],
    ['42', 'user:420'],
    ['42', 'user:a42'],
    ['42', 'user:4:2'],
    ['4.2', 'user:4x2'],
    ['a', 'user:%2Fab'],
  ]
  for (const [word, text] of unnamed) {
    it(`does not find ${word} in ${text || 'nothing'}`, () => {
      expect(wordFinder([word])(text)).to.equal(false)
    })
  }

  it('finds nothing where there is no word', () => {
    expect(wordFinder([])('user:42')).to.equal(false)
  })
})

describe('wordsOf', () => {
  it('is one word for what is nowhere escaped', () => {
    expect(wordsOf('42')).to.deep.equal(['42'])
  })

  it('finds any value in a key of its own segment, by hand or by a rule, and in that of a whole URL', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(text, (value) => {
        const isNamed = wordFinder(wordsOf(value))
        expect(isNamed(`user:${value}`)).to.equal(true)
        expect(isNamed(`user:${escapeText(value)}:tasks`)).to.equal(true)
        expect(isNamed(`page:${escapeText(`/users/${encodeURIComponent(value)}?page=1`)}`)).to.equal(true)
      }),
    )
  })
})
