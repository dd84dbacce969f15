import { expect } from 'chai'
import type { EventRecord } from '#src/monitoring/reports.js'
import { storyOf } from '#src/monitoring/story.js'

const event = (type: EventRecord['type'], more: Partial<EventRecord>): EventRecord => ({
  ...{ nth: 1, at: 1, type, who: null, key: null, text: type },
  ...more,
})
const evict = (targets: readonly string[], removed = 1) => event('evict', { targets, removed })

describe('storyOf', () => {
  const covering: readonly [string, EventRecord][] = [
    ['its fill', event('fill', { key: 'item:1' })],
    ['an eviction of it', evict(['item:1'])],
    ['a pattern', evict(['other', 'item:*'])],
    ['a glob', evict(['it*'])],
    ['a tag that it carries', evict(['tag all'])],
    ['all tags that begin like one', evict(['tags al…'])],
    ['an outage', event('store-down', {})],
  ]
  for (const [what, told] of covering) {
    it(`has ${what}`, () => expect(storyOf([told], 'item:1', ['all'])).to.deep.equal([told]))
  }

  const others: readonly [string, EventRecord][] = [
    ['the fill of another', event('fill', { key: 'item:10' })],
    ['an eviction of another', evict(['item:10', 'item'])],
    ['an eviction that removed nothing', evict(['item:1'], 0)],
    ['a tag that it does not carry', evict(['tag none', 'tags x…'])],
    ['a glob for others', evict(['item:2*'])],
  ]
  for (const [what, told] of others) {
    it(`has not ${what}`, () => expect(storyOf([told], 'item:1', ['all'])).to.deep.equal([]))
  }
})
