import { expect } from 'chai'
import { follow } from '#src/tools/follow.js'

describe('follow', () => {
  it('gives the value at the end of a path', () => {
    expect(follow({ team: { id: 7 } }, ['team', 'id'])).to.equal(7)
    expect(follow({ items: ['a', 'b'] }, ['items', '1'])).to.equal('b')
    expect(follow({ zero: 0, empty: '', none: null }, ['zero'])).to.equal(0)
    expect(follow({ zero: 0, empty: '', none: null }, ['empty'])).to.equal('')
    expect(follow({ zero: 0, empty: '', none: null }, ['none'])).to.equal(null)
  })

  it('gives nothing where the path leads through what has no fields', () => {
    for (const start of [undefined, null, 'text', 5, true, {}, { team: null }, { team: 'red' }]) {
      expect(follow(start, ['team', 'length']), String(start)).to.equal(undefined)
    }
  })

  it('finds fields of a class, also inherited getters', () => {
    class Base {
      get id() {
        return 3
      }
    }
    class User extends Base {
      name = 'Ann'
    }
    expect(follow(new User(), ['id'])).to.equal(3)
    expect(follow(new User(), ['name'])).to.equal('Ann')
  })

  it('finds what an object has itself, whatever its name', () => {
    const given = JSON.parse('{"constructor":"ferrari","__proto__":"porsche","toString":{"id":7}}')
    expect(follow(given, ['constructor'])).to.equal('ferrari')
    expect(follow(given, ['__proto__'])).to.equal('porsche')
    expect(follow(given, ['toString', 'id'])).to.equal(7)
    expect(follow(Object.assign(Object.create(null), { constructor: 'a' }), ['constructor'])).to.equal('a')
  })

  it('does not take what is inherited from Object for a field', () => {
    for (const field of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      expect(follow({}, [field]), field).to.equal(undefined)
      expect(follow({}, [field, 'name']), field).to.equal(undefined)
    }
  })
})
