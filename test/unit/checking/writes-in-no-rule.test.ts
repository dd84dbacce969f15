import type { Clock } from '@sinonjs/fake-timers'
import { expect } from 'chai'
import { GRACE_MS, WritesInNoRule } from '#src/checking/writes-in-no-rule.js'
import type { TaggedEntry } from '#src/stores/store.js'
import { install } from '../../support/fake-time.js'

const entry = (key: string, identity = '1'): TaggedEntry => ({ key, identity, tags: [`tag:${key}`] })

describe('what a write in no rule has left', () => {
  let clock: Clock
  let there: readonly TaggedEntry[]
  let forgotten: string[]
  let writes: WritesInNoRule
  beforeEach(() => {
    clock = install({ toFake: ['setTimeout', 'clearTimeout'] })
    ;[there, forgotten] = [[entry('a'), entry('b')], []]
    writes = new WritesInNoRule({
      stillThere: async (entries) =>
        entries.filter(({ key, identity }) =>
          there.some((found) => found.key === key && found.identity === identity),
        ),
      forgotten: ({ key, identity }) => forgotten.push(`${key} ${identity}`),
    })
  })
  afterEach(() => {
    writes.close()
    clock.uninstall()
  })
  const waiting = () => writes.list().map(({ key }) => key)
  const passGrace = () => clock.tickAsync(GRACE_MS)

  it('waits from the commit on, and is forgotten after the grace', async () => {
    await writes.committed([entry('a'), entry('gone')])
    expect(waiting()).to.deep.equal(['a'])
    await clock.tickAsync(GRACE_MS - 1)
    expect(forgotten).to.deep.equal([])
    await passGrace()
    expect(forgotten).to.deep.equal(['a 1'])
    expect(waiting()).to.deep.equal([])
  })

  it('is cleared by each kind of eviction that covers it', async () => {
    for (const selector of [
      { kind: 'key', key: 'a' },
      { kind: 'pattern', pattern: '*' },
      { kind: 'glob', glob: '[ax]' },
      { kind: 'tag', tag: 'tag:a' },
      { kind: 'tags', prefix: 'tag:a' },
    ] as const) {
      await writes.committed([entry('a')])
      writes.evicted([{ kind: 'key', key: 'ab' }])
      expect(waiting()).to.deep.equal(['a'])
      writes.evicted([selector])
      expect(waiting(), selector.kind).to.deep.equal([])
    }
    await passGrace()
    expect(forgotten).to.deep.equal([])
  })

  it('is not forgotten if another process has removed it, or it has been loaded anew', async () => {
    await writes.committed([entry('a'), entry('b')])
    there = [entry('b', '2')]
    await passGrace()
    expect([forgotten, waiting()]).to.deep.equal([[], []])
  })

  it('has a grace of its own for each entry, and is told of once', async () => {
    await writes.committed([entry('a')])
    await clock.tickAsync(GRACE_MS / 2)
    there = [entry('a', '2'), entry('b')]
    await writes.committed([entry('a', '2'), entry('b')])
    await clock.tickAsync(GRACE_MS / 2)
    expect(forgotten).to.deep.equal([])
    await passGrace()
    expect(forgotten).to.deep.equal(['a 2', 'b 1'])
    await passGrace()
    expect(forgotten).to.have.lengthOf(2)
  })

  it('is looked at no more once the cache is closed', async () => {
    await writes.committed([entry('a')])
    writes.close()
    expect(clock.countTimers()).to.equal(0)
    await writes.committed([entry('b')])
    await passGrace()
    expect(forgotten).to.deep.equal([])
  })
})
