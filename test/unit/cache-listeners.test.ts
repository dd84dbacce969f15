import { expect } from 'chai'
import { CacheListeners } from '#src/cache-listeners.js'
import type { CacheEvent } from '#src/engine/cache-event.js'

const RULE = { where: 'GET /items/:id', key: 'item:{id}' }
const HIT: CacheEvent = { type: 'hit', rule: RULE, key: 'item:1', ms: 1, bytes: 2, ttlMs: 3 }
const STALE: CacheEvent = { ...HIT, type: 'stale' }
const MISS: CacheEvent = { type: 'miss', rule: RULE, key: 'item:1', ms: 1, collapsed: false }

describe('CacheListeners', () => {
  let listeners: CacheListeners
  const heard: [string, CacheEvent['type']][] = []
  const hear = (who: string) => (event: CacheEvent) => void heard.push([who, event.type])
  const tell = () => {
    heard.length = 0
    for (const event of [HIT, STALE, MISS]) listeners.emit(event)
    return heard
  }

  beforeEach(() => {
    listeners = new CacheListeners()
  })

  it('tell each of every event, but of hits only who wants to know', () => {
    listeners.add(hear('all'))
    listeners.addForOthers(hear('others'))
    expect(tell()).to.deep.equal([
      ['all', 'hit'],
      ['all', 'stale'],
      ['all', 'miss'],
      ['others', 'miss'],
    ])
  })

  it('tell who has come twice once, and who has gone nothing', () => {
    const [one, other] = [hear('one'), hear('other')]
    listeners.add(one)
    const end = listeners.add(one)
    const endOther = listeners.addForOthers(other)
    expect(tell().filter(([who]) => who === 'one')).to.have.lengthOf(3)
    end()
    expect(tell()).to.deep.equal([['other', 'miss']])
    endOther()
    expect(tell()).to.deep.equal([])
  })

  it('go on with those who were there, if one comes or goes while they are told', () => {
    const ends: (() => void)[] = []
    const leave = () => {
      for (const end of ends) end()
      listeners.add(hear('late'))
    }
    ends.push(listeners.add(leave), listeners.add(hear('next')))
    listeners.emit(HIT)
    expect(heard.at(-1)).to.deep.equal(['next', 'hit'])
    expect(tell().map(([who]) => who)).to.deep.equal(['late', 'late', 'late'])
  })
})
