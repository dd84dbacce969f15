import { expect } from 'chai'
import { urlOfKey } from '#src/cli/audit/url-of-key.js'
import { parseTemplate } from '#src/keys/template.js'

const url = (template: string, route: string, key: string) =>
  urlOfKey(parseTemplate(template, 'test'), route, key)

describe('urlOfKey', () => {
  const URLS: readonly [template: string, route: string, key: string, url: string][] = [
    ['customer:{id}', 'GET /customers/:id', 'customer:42', '/customers/42'],
    ['customer:{params.id}', 'ALL /customers/:id', 'customer:a%2Fb%3A', '/customers/a%2Fb%3A'],
    ['feed', 'GET /feed', 'feed', '/feed'],
    ['list:{query.page|1}:{query.q|none}', 'GET /list', 'list:2:|none', '/list?page=2'],
    ['list:{query.page|1}', 'GET /list', 'list:|1', '/list'],
    ['list:{query.q}', 'GET /list', 'list:a%20%26b', '/list?q=a+%26b'],
    ['list:{page|1}', 'GET /list', 'list:3', '/list?page=3'],
    ['tasks:{user.id}:{query.status|all}', 'GET /tasks', 'tasks:7:OPEN', '/tasks?status=OPEN'],
    ['a:{id}+{part}', 'GET /a/:id/b/:part', 'a:1+2', '/a/1/b/2'],
  ]
  for (const [template, route, key, expected] of URLS) {
    it(`gives ${expected} for ${key} of ${template}`, () => {
      expect(url(template, route, key)).to.equal(expected)
    })
  }

  const NONE: readonly [why: string, template: string, route: string, key: string][] = [
    ['a key of another template', 'customer:{id}', 'GET /customers/:id', 'user:42'],
    ['a key with more segments', 'customer:{id}', 'GET /customers/:id', 'customer:42:notes'],
    ['a route of another method', 'customer:{id}', 'POST /customers/:id', 'customer:42'],
    ['what is no route', 'rates', 'cache.wrap', 'rates'],
    ['a path whose parameter the key does not say', 'list', 'GET /lists/:id', 'list'],
    ['a path with what may be left out', 'a:{id}', 'GET /a{/:id}', 'a:1'],
    ['a path with a star', 'a:{id}', 'GET /a/*id', 'a:1'],
    ['a value deep in the query', 'a:{query.filter.name}', 'GET /a', 'a:1'],
  ]
  for (const [why, template, route, key] of NONE) {
    it(`gives none for ${why}`, () => {
      expect(url(template, route, key)).to.equal(null)
    })
  }
})
