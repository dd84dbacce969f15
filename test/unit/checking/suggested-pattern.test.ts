import { expect } from 'chai'
import { type KnownValue, suggestedPattern } from '#src/checking/suggested-pattern.js'
import { parseTemplate } from '#src/keys/template.js'

function suggested(template: string, key: string, known: Partial<Record<KnownValue['source'], unknown>>) {
  const values = Object.entries(known).map(([source, value]) => ({ source, value }) as KnownValue)
  return suggestedPattern(parseTemplate(template, 'here'), key, values)
}

describe('the pattern that a write is told to add', () => {
  it('takes each value from where the write has it', () => {
    const result = { title: 'x', author: { id: 7, name: 'ada' } }
    expect(suggested('profile:{name}', 'profile:ada', { result })).to.equal('profile:{result.author.name}')
    expect(suggested('article:{slug}', 'article:one', { bare: { slug: 'one' }, result })).to.equal(
      'article:{slug}',
    )
    expect(suggested('a:{x},{y|1}:b', 'a:7,q:b', { body: { q: 'q' }, result })).to.equal(
      'a:{result.author.id},{body.q}:b',
    )
  })

  it('prefers the same placeholder, then one of the same name, then any', () => {
    const known = { bare: { owner: '7' }, result: { id: 7, of: { user: 7 } }, user: { id: 7 } }
    expect(suggested('dashboard:{user.id}', 'dashboard:7', known)).to.equal('dashboard:{user.id}')
    expect(suggested('customer:{id}', 'customer:7', known)).to.equal('customer:{result.id}')
    expect(suggested('customer:{number}', 'customer:7', known)).to.equal('customer:{owner}')
  })

  it('reads escaped values, and keys with a variant', () => {
    expect(suggested('by:{name}', 'by:a%3Ab%20c#v=2', { body: { name: 'a:b c' } })).to.equal('by:{body.name}')
  })

  it('names arguments of methods by their places, and looks into no other list', () => {
    expect(suggested('report:{args.0}', 'report:11', { args: [{ month: '11' }] })).to.equal(
      'report:{args.0.month}',
    )
    expect(suggested('report:{id}', 'report:11', { result: { rows: [{ id: 11 }] } })).to.equal(undefined)
  })

  it('is none for what is kept of an absent value, whatever looks like that in the write', () => {
    const known = { result: { tag: '|all', page: '1' } }
    expect(suggested('feed:{query.tag|all}:{page}', 'feed:|all:1', known)).to.equal(undefined)
    expect(suggested('feed:{query.tag|all}', 'feed:%7Call', known)).to.equal('feed:{result.tag}')
  })

  it('is none without the values, for a key of another template, or where all is too deep', () => {
    expect(suggested('profile:{name}', 'profile:ada', { result: { name: 'bob' } })).to.equal(undefined)
    expect(suggested('profile:{name}', 'other:ada', { result: { name: 'ada' } })).to.equal(undefined)
    const deep = { a: { b: { c: { d: { e: 'ada' } } } } }
    expect(suggested('profile:{name}', 'profile:ada', { result: deep })).to.equal(undefined)
    const loop: Record<string, unknown> = {}
    loop.self = loop
    expect(suggested('profile:{name}', 'profile:ada', { result: loop })).to.equal(undefined)
  })
})
