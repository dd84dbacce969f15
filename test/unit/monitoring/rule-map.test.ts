import { expect } from 'chai'
import { mapOf, mapOfRules } from '#src/monitoring/rule-map.js'
import { cacheableRule, evictRule } from '../rules/rules-for-tests.js'

const read = (template: string, more: { tags?: string[]; tables?: string[] } = {}) => ({
  ...{ name: `GET ${template}`, template, tags: [], tables: [] },
  ...more,
})
const write = (name: string, more: { patterns?: string[]; tags?: string[]; tables?: string[] }) => ({
  ...{ name, patterns: [], tags: [], tables: [], event: null },
  ...more,
})

describe('mapOf', () => {
  it('leads from writes to what their patterns cover, and says what nothing evicts', () => {
    const map = mapOf(
      [read('user:{id}'), read('users:list:{query.page|1}'), read('rates')],
      [
        write('PUT', { patterns: ['user:{id}', 'users:list:*'] }),
        write('POST', { patterns: ['customer:*'] }),
      ],
    )
    expect(map.edges).to.deep.equal([
      { write: 'PUT', read: 'GET user:{id}', by: 'user:{id}' },
      { write: 'PUT', read: 'GET users:list:{query.page|1}', by: 'users:list:*' },
    ])
    expect(map.unevicted).to.deep.equal(['GET rates'])
    expect(map.idle).to.deep.equal(['POST'])
  })

  it('leads by tags that can be the same text, and by tables', () => {
    const map = mapOf(
      [
        read('post:{id}', { tags: ['author:{result.author.id}'] }),
        read('count', { tables: ['posts', 'authors'] }),
      ],
      [write('PUT', { tags: ['author:{id}'], tables: ['authors'] })],
    )
    expect(map.edges).to.deep.equal([
      { write: 'PUT', read: 'GET post:{id}', by: 'tag author:{id}' },
      { write: 'PUT', read: 'GET count', by: 'table authors' },
    ])
    expect(map.unevicted).to.deep.equal([])
  })

  it('says nothing of keys that a function gives, unless it says which they are', () => {
    const map = mapOf([read("(req) => ['feed', req.user.id]"), read('news:*')], [])
    expect(map.unevicted).to.deep.equal(['GET news:*'])
  })

  it('takes rules as they are registered', () => {
    const rules = [cacheableRule('user:{id}'), evictRule('user:*')]
    const map = mapOfRules(rules, () => 'user.events USER_CHANGED')
    expect(map.edges).to.have.length(1)
    expect(map.writes[0]).to.deep.include({ patterns: ['user:*'], event: 'user.events USER_CHANGED' })
  })
})
