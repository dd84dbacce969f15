import { expect } from 'chai'
import {
  limitKey,
  type ResolveValue,
  renderEvictedTags,
  renderKey,
  renderPatterns,
  withVariant,
} from '#src/keys/render.js'
import { parsePattern, parseTag, parseTemplate } from '#src/keys/template.js'

/** Answers placeholders by their text, as they are written without a default. */
function values(known: Readonly<Record<string, unknown>>): ResolveValue {
  return ({ source, path }) => known[[...(source === 'bare' ? [] : [source]), ...path].join('.')]
}

describe('renderKey', () => {
  const key = (template: string, known: Readonly<Record<string, unknown>> = {}) =>
    renderKey(parseTemplate(template, 'here'), values(known))

  it('puts the values in their places', () => {
    expect(
      key('customers:list:{query.page|=1}:{query.limit|=10}:{query.industry|=all}', { 'query.page': 2 }),
    ).to.deep.equal({ ok: true, key: 'customers:list:2:10:all' })
    expect(key('report:{type}/{user.id}:v2', { type: 'sales', 'user.id': 7 })).to.deep.equal({
      ok: true,
      key: 'report:sales/7:v2',
    })
    expect(key('customers:count')).to.deep.equal({ ok: true, key: 'customers:count' })
  })

  it('escapes values, so that none reaches over its place', () => {
    expect(key('user:{id}', { id: '1:admin' })).to.deep.equal({ ok: true, key: 'user:1%3Aadmin' })
    expect(key('user:{id}', { id: '*' })).to.deep.equal({ ok: true, key: 'user:%2A' })
  })

  it('has no key without a value, and names the placeholder', () => {
    for (const id of [undefined, null, '', [], {}, Number.NaN]) {
      expect(key('user:{id}', { id }), String(id)).to.deep.equal({ ok: false, reason: 'no value for {id}' })
    }
  })

  it('takes the default for an absent value, never for one that it cannot say', () => {
    for (const page of [undefined, null]) {
      expect(key('list:{query.page|1}', { 'query.page': page })).to.deep.equal({ ok: true, key: 'list:|1' })
      expect(key('list:{query.page|=1}', { 'query.page': page })).to.deep.equal({ ok: true, key: 'list:1' })
    }
    for (const page of ['', ['1', '2'], { gt: 1 }, 'x'.repeat(100_000)]) {
      expect(key('list:{query.page|1}', { 'query.page': page })).to.deep.equal({
        ok: false,
        reason: 'no value for {query.page|1}',
      })
    }
  })

  it('tells a value from the default of the same text, unless that is declared to mean it', () => {
    const given = { 'query.author': 'all' }
    expect(key('articles:{query.author|all}', given)).to.deep.equal({ ok: true, key: 'articles:all' })
    expect(key('articles:{query.author|all}')).to.deep.equal({ ok: true, key: 'articles:|all' })
    expect(key('articles:{query.author|=all}', given)).to.deep.equal(key('articles:{query.author|=all}'))
    expect(key('articles:{query.author|all}', { 'query.author': '|all' })).to.deep.equal({
      ok: true,
      key: 'articles:%7Call',
    })
  })

  it('takes falsy values for values', () => {
    expect(key('k:{a|1}:{b|1}', { a: 0, b: false })).to.deep.equal({ ok: true, key: 'k:0:false' })
  })

  it('has a key of 1,024 bytes, but none that is longer once escaped', () => {
    expect(key('k:{id}', { id: 'x'.repeat(1_022) })).to.have.property('ok', true)
    const tooLong = { ok: false, reason: 'key over 1024 bytes' }
    expect(key('k:{id}', { id: 'x'.repeat(1_023) })).to.deep.equal(tooLong)
    expect(key('k:{id}', { id: '*'.repeat(341) })).to.deep.equal(tooLong)
  })
})

describe('renderPatterns', () => {
  const patterns = (text: string, known: Readonly<Record<string, unknown>> = {}) =>
    renderPatterns(parsePattern(text, 'here'), values(known))
  const pattern = (text: string, known: Readonly<Record<string, unknown>> = {}) =>
    patterns(text, known).join(' and ')

  it('renders values as a key does, and leaves stars', () => {
    expect(pattern('tasks:user:{data.userId}:*', { 'data.userId': 'a:*' })).to.equal('tasks:user:a%3A%2A:*')
    expect(pattern('customers:list:*')).to.equal('customers:list:*')
    expect(pattern('list:{query.page|=1}')).to.equal('list:1')
    expect(pattern('list:|all')).to.equal('list:|all')
  })

  it('names what is kept of absent values as well as what is kept of the default as a value', () => {
    expect(patterns('list:{query.page|1}')).to.deep.equal(['list:|1', 'list:1'])
    expect(patterns('list:{query.page|1}', { 'query.page': 1 })).to.deep.equal(['list:1'])
    expect(patterns('list:{query.page|1}:x-{query.of|all}', { 'query.page': 2 })).to.deep.equal([
      'list:2:x-|all',
      'list:2:x-all',
    ])
    expect(patterns('l:{a|1}:{b|2}:{c|=3}:{d|4}')).to.have.length(8)
  })

  it('widens the segments of which there would be more than eight spellings', () => {
    expect(patterns('l:{a|1}:{b|2}:{c|3}:{d|4}:{e}', { e: 5 })).to.deep.equal(['l:*:*:*:*:5'])
  })

  it('widens a segment to a star if a value in it is missing or cannot be said', () => {
    for (const userId of [undefined, null, '', [1], 'x'.repeat(2_000)]) {
      const known = { 'data.userId': userId }
      expect(pattern('tasks:{data.userId}:open', known)).to.equal('tasks:*:open')
      expect(pattern('tasks:u-{data.userId}/{data.x|1}:open', known)).to.equal('tasks:*:open')
    }
    expect(pattern('list:{query.page|1}', { 'query.page': [2] })).to.equal('list:*')
  })
})

describe('renderEvictedTags', () => {
  const tags = (text: string, known: Readonly<Record<string, unknown>> = {}) =>
    renderEvictedTags(parseTag(text, 'here'), values(known))

  it('names a tag, or what all tags begin with where a value is missing', () => {
    expect(tags('author:{id}:x', { id: 'a:b' })).to.deep.equal([{ kind: 'tag', tag: 'author:a%3Ab:x' }])
    expect(tags('author:{id}:x')).to.deep.equal([{ kind: 'tags', prefix: 'author:' }])
  })

  it('names both spellings of a default, also in front of a value that is missing', () => {
    expect(tags('author:{id|none}')).to.deep.equal([
      { kind: 'tag', tag: 'author:|none' },
      { kind: 'tag', tag: 'author:none' },
    ])
    expect(tags('author:{id|none}:{x}')).to.deep.equal([
      { kind: 'tags', prefix: 'author:|none:' },
      { kind: 'tags', prefix: 'author:none:' },
    ])
    expect(tags('{a|1}:{b|2}:{c|3}:{d|4}')).to.have.length(8)
  })
})

describe('limitKey', () => {
  it('takes 1,024 bytes for a key, and no more', () => {
    expect(limitKey('x'.repeat(1_024))).to.deep.equal({ ok: true, key: 'x'.repeat(1_024) })
    expect(limitKey('x'.repeat(1_025))).to.deep.equal({ ok: false, reason: 'key over 1024 bytes' })
  })
})

describe('withVariant', () => {
  it('leaves the key alone when nothing varies', () => {
    expect(withVariant('user:1', new Map())).to.equal('user:1')
  })

  it('adds names and escaped values in the order of the rule', () => {
    const headers = new Map([
      ['accept-language', 'de, en;q=0.5'],
      ['x-tenant', 'a:b#c'],
    ])
    expect(withVariant('user:1', headers)).to.equal(
      'user:1#accept-language=de%2C%20en%3Bq%3D0.5&x-tenant=a%3Ab%23c',
    )
  })

  it('tells apart a missing header, an empty one and long ones', () => {
    const variants = [undefined, '', 'x'.repeat(1_025), 'x'.repeat(1_026)].map((value) =>
      withVariant('user:1', new Map([['accept-language', value]])),
    )
    expect(new Set(variants)).to.have.property('size', 4)
  })
})
