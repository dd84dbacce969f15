import { expect } from 'chai'
import fc from 'fast-check'
import { KeysByPrefix } from '#src/stores/memory/keys-by-prefix.js'

describe('KeysByPrefix', () => {
  it('counts just what was added and not deleted, before the first question and after it', () => {
    const key = fc.stringMatching(/^[ab:]{0,4}$/)
    const step = fc.record({ what: fc.constantFrom('add', 'delete', 'ask'), key })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const held = new Set<string>()
        const tested = new KeysByPrefix(() => [...held])
        for (const { what, key } of steps) {
          if (what === 'add') {
            held.add(key)
            tested.add(key)
          } else if (what === 'delete') {
            held.delete(key)
            tested.delete(key)
          } else {
            const under = [...held].filter((each) => each.startsWith(key))
            expect(tested.count(key)).to.equal(under.length)
            expect(tested.has(key, `${key}a`)).to.equal(held.has(`${key}a`))
            expect(tested.nextInTurn(key, 100)).to.have.members(under)
          }
        }
      }),
    )
  })

  it('looks at all keys for the first question about a prefix only', () => {
    let looks = 0
    const tested = new KeysByPrefix(() => {
      looks += 1
      return ['a:1', 'b:1']
    })
    tested.add('a:2')
    for (let time = 0; time < 3; time += 1) tested.count('a:')
    expect(looks).to.equal(1)
  })

  it('gives each key its turn', () => {
    const keys = Array.from({ length: 10 }, (_, id) => `a:${id}`)
    const tested = new KeysByPrefix(() => keys)
    const seen = [1, 2, 3, 4].flatMap(() => tested.nextInTurn('a:', 3))
    expect(seen).to.deep.equal([...keys, 'a:0', 'a:1'])
    expect(tested.nextInTurn('a:', 0)).to.deep.equal([])
    expect(tested.nextInTurn('b:', 3)).to.deep.equal([])
  })
})
