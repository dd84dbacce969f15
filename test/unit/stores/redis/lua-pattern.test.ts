import { expect } from 'chai'
import { globToLua, patternToLua } from '#src/stores/redis/lua-pattern.js'

describe('patternToLua', () => {
  for (const [pattern, lua] of [
    ['user:1', '^user:1$'],
    ['customers:list:*', '^customers:list:.*$'],
    ['tasks:*:open', '^tasks:[^:]*:open$'],
    ['*', '^.*$'],
    ['a.b:c-d:e%2Af', '^a%.b:c%-d:e%%2Af$'],
    ['ключ:*', '^ключ:.*$'],
    ['nul\0:*', '^nul%z:.*$'],
  ] as const) {
    it(`makes ${JSON.stringify(lua)} of ${JSON.stringify(pattern)}`, () => {
      expect(patternToLua(pattern)).to.deep.equal([lua])
    })
  }
})

describe('globToLua', () => {
  for (const [glob, pieces] of [
    ['user%1', ['^user%%1$']],
    ['user:*', ['^user%:', '$']],
    ['a*b*c', ['^a', 'b', 'c$']],
    ['**', ['^', '', '$']],
    ['a?c', ['^a.c$']],
    ['[a-c]', ['^[abc]$']],
    ['[^]a]', ['^.a%]$']],
    ['[^^\\-]', ['^[^%^%-]$']],
    ['[\\]%]', ['^[%]%%]$']],
    ['\\*', ['^%*$']],
  ] as const) {
    it(`makes ${JSON.stringify(pieces)} of ${JSON.stringify(glob)}`, () => {
      expect(globToLua(glob)).to.deep.equal(pieces)
    })
  }

  it('gives bytes above 127 as they are, since a class takes them one by one', () => {
    expect(globToLua('é*[é]')).to.deep.equal([
      Buffer.from('5ec3a9', 'hex'),
      Buffer.concat([Buffer.from('['), Buffer.from('c3a9', 'hex'), Buffer.from(']$')]),
    ])
  })

  it('has a class that no byte is in, which Lua itself lacks', () => {
    expect(globToLua('a[]')).to.deep.equal([Buffer.from('^a[^%z\x01-\xff]$', 'latin1')])
  })
})
