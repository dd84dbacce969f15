import { expect } from 'chai'
import { ANY, parsePattern, parseTemplate } from '#src/keys/template.js'
import { thrown } from '../thrown.js'

describe('parseTemplate', () => {
  it('reads segments of fixed text and placeholders', () => {
    const template = parseTemplate('tasks:user:{user.id}:status:{query.status|all}', 'here')
    const fallback = { spelling: '|all', value: 'all' }
    const user = { text: '{user.id}', source: 'user', path: ['id'], fallback: undefined }
    const status = { text: '{query.status|all}', source: 'query', path: ['status'], fallback }
    expect(template).to.deep.equal({
      text: 'tasks:user:{user.id}:status:{query.status|all}',
      segments: [['tasks'], ['user'], [user], ['status'], [status]],
      placeholders: [user, status],
    })
  })

  it('takes a name without a source for a path parameter or argument', () => {
    const [placeholder] = parseTemplate('customer:{id}', 'here').placeholders
    expect(placeholder).to.deep.equal({ text: '{id}', source: 'bare', path: ['id'], fallback: undefined })
  })

  it('knows where values come from', () => {
    const ofRequest = ['params', 'query', 'body', 'headers', 'cookies', 'user', 'auth', 'session', 'locals']
    for (const source of [...ofRequest, 'result', 'data', 'args']) {
      const [placeholder] = parseTemplate(`k:{${source}.a.b}`, 'here').placeholders
      expect(placeholder).to.include({ source }).and.have.deep.property('path', ['a', 'b'])
    }
  })

  it('reads header names in lower case, and other names as they are', () => {
    const template = parseTemplate('k:{headers.Accept-Language}:{query.Page}', 'here')
    expect(template.placeholders.map(({ path }) => path)).to.deep.equal([['accept-language'], ['Page']])
  })

  it('takes a default to the end of the placeholder, escaped, with colons, bars and stars in it', () => {
    const template = parseTemplate('k:{query.from|00:00}:{query.any|*}:{query.bar|a|b}:end', 'here')
    expect(template.placeholders.map(({ fallback }) => fallback?.value)).to.deep.equal([
      '00%3A00',
      '%2A',
      'a%7Cb',
    ])
    expect(template.segments).to.have.length(5)
  })

  it('spells a default as no value can be, but where it is declared to mean the value', () => {
    const template = parseTemplate('k:{query.any|*}:{query.page|=1}:{query.eq|==}', 'here')
    expect(template.placeholders.map(({ fallback }) => fallback)).to.deep.equal([
      { spelling: '|%2A', value: '%2A' },
      { spelling: '1', value: '1' },
      { spelling: '%3D', value: '%3D' },
    ])
  })

  it('takes {user} for who is signed in, where that is no object', () => {
    const [placeholder] = parseTemplate('k:{user|nobody}', 'here').placeholders
    expect(placeholder).to.include({ source: 'user' }).and.have.deep.property('path', [])
  })

  it('takes the spelling of a default for a segment, where no placeholder stands beside it', () => {
    expect(parsePattern('list:|all:|1', 'here').segments).to.deep.equal([['list'], ['|all'], ['|1']])
    for (const text of ['list:|{x}', 'list:a|b', 'list:|all*']) {
      expect(thrown(() => parsePattern(text, 'here')).code, text).to.equal('E_CACHE_PATTERN')
    }
  })

  it('takes several placeholders in one segment that a divider keeps apart', () => {
    for (const divider of '/+,=$!&;()') {
      expect(parseTemplate(`k:{a}${divider}{b}`, 'here').segments[1], divider).to.have.length(3)
    }
    expect(parseTemplate('k:x{a}from/to{b}y', 'here').segments[1]).to.have.length(5)
  })

  it('takes every character for fixed text that has no meaning', () => {
    expect(parseTemplate('Az09._~@/+,=$!&;()-', 'here').segments).to.deep.equal([['Az09._~@/+,=$!&;()-']])
  })

  const errors: readonly [template: unknown, problem: string, mend: string][] = [
    ['', 'is empty', `Give a text such as 'customer:{id}'.`],
    [undefined, 'is no text', `Give one, such as 'customer:{id}'.`],
    [42, 'is no text', `Give one, such as`],
    [':a', 'has an empty segment', `Write one text between two colons`],
    ['a::b', 'has an empty segment', `Write one text between two colons`],
    ['a:', 'has an empty segment', `Write one text between two colons`],
    ['*', `has '*' in it`, `Only a pattern to evict may have '*'`],
    ['customers:*', `has '*' in it`, `Only a pattern to evict may have '*'`],
    ['user:1*', `has '*' beside other text`, `Only a pattern to evict may have '*'`],
    ['a b', `contains ' '`, 'Use letters, digits'],
    ['a%20b', `contains '%'`, 'Use letters, digits'],
    ['a#b', `contains '#'`, 'Use letters, digits'],
    ['é', `contains 'é'`, 'Use letters, digits'],
    ['smile:😀', `contains '😀'`, 'Use letters, digits'],
    ['a:{id', 'has a brace without its other half', `Write a placeholder as '{name}'`],
    ['a:id}', 'has a brace without its other half', `Write a placeholder as '{name}'`],
    ['a:{{id}}', 'has a brace without its other half', `Write a placeholder as '{name}'`],
    ['a:{b:{id}', 'has a brace without its other half', `Write a placeholder as '{name}'`],
    ['a:{}', `has the placeholder '{}'`, `Write '{id}', '{query.page}' or '{query.page|1}'`],
    ['a:{|1}', `has the placeholder '{|1}'`, `Write '{id}'`],
    ['a:{query.}', `has the placeholder '{query.}'`, `Write '{id}'`],
    ['a:{.page}', `has the placeholder '{.page}'`, `Write '{id}'`],
    ['a:{query page}', `has the placeholder '{query page}'`, `Write '{id}'`],
    ['a:{query.page|}', `has an empty default in '{query.page|}'`, `Give one, as in '{query.author|all}'`],
    ['a:{req.id}', `takes '{req.id}' from 'req', which is no source`, `or '{id}' for a path parameter`],
    ['a:{bare.id}', `takes '{bare.id}' from 'bare', which is no source`, 'Use params, query, headers'],
    [
      'a:{x}{y}',
      `two placeholders in the segment '{x}{y}' that nothing keeps apart`,
      'Divide them by a colon',
    ],
    ['a:{x}-{y}', `two placeholders in the segment '{x}-{y}'`, 'or by one of / + , = $ ! & ; ( )'],
    ['a:{x}/{y}.{z}', `two placeholders in the segment '{x}/{y}.{z}'`, 'Divide them by a colon'],
  ]
  for (const [template, problem, mend] of errors) {
    it(`refuses '${template}', because it ${problem}`, () => {
      const error = thrown(() => parseTemplate(template as string, 'UserController.getUser'))
      expect(error.code).to.equal('E_CACHE_TEMPLATE')
      expect(error.where).to.equal('UserController.getUser')
      expect(error.message).to.include(`the key template '${template}'`).and.include(problem)
      expect(error.mend).to.include(mend)
    })
  }
})

describe('parsePattern', () => {
  it('takes a star for a whole segment, anywhere', () => {
    expect(parsePattern('a:*:c', 'here').segments).to.deep.equal([['a'], ANY, ['c']])
    expect(parsePattern('a:*', 'here').segments).to.deep.equal([['a'], ANY])
    expect(parsePattern('*', 'here').segments).to.deep.equal([ANY])
  })

  for (const pattern of ['user:1*', 'user:*1', 'user:{id}*', 'user:**']) {
    it(`refuses '${pattern}', where a star stands beside other text`, () => {
      const error = thrown(() => parsePattern(pattern, 'cache.evict()'))
      expect(error.code).to.equal('E_CACHE_PATTERN')
      expect(error.where).to.equal('cache.evict()')
      expect(error.message).to.include(`the pattern '${pattern}' has '*' beside other text in one segment`)
      expect(error.mend).to.equal(
        `'*' stands for whole segments only: write 'user:*', or 'user:{id}' for one.`,
      )
    })
  }

  it('otherwise refuses what a template refuses, under its own code', () => {
    for (const pattern of ['', 'a::*', 'a b', 'a:{', 'a:{req.id}', '{x}{y}']) {
      expect(thrown(() => parsePattern(pattern, 'here')).code, pattern).to.equal('E_CACHE_PATTERN')
    }
  })
})
