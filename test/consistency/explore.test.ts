import { expect } from 'chai'
import fc from 'fast-check'
import { explore } from './explore.js'
import type { Scheduler } from './scheduler.js'

describe('explore', () => {
  const startCounting = (scheduler: Scheduler, lengths: readonly number[], log: string[]) => {
    for (const [index, length] of lengths.entries()) {
      const actor = 'ABC'.charAt(index)
      scheduler.start(actor, async () => {
        for (let nth = 1; nth <= length; nth += 1) {
          await scheduler.step(`step ${nth}`, () => log.push(actor))
        }
      })
    }
  }

  it('plays every order once', async () => {
    const orders: string[] = []
    const count = await explore(async (scheduler) => {
      const log: string[] = []
      startCounting(scheduler, [2, 2], log)
      await scheduler.run()
      orders.push(log.join(''))
    })
    expect(orders).to.have.members(['AABB', 'ABAB', 'ABBA', 'BAAB', 'BABA', 'BBAA'])
    expect(count).to.equal(6)
  })

  it('finds as many orders as there are: 8! / (3! 3! 2!)', async () => {
    const count = await explore(async (scheduler) => {
      startCounting(scheduler, [3, 3, 2], [])
      await scheduler.run()
    })
    expect(count).to.equal(560)
  })

  it('comes to the same outcomes when it plays one of the orders that differ only in independent steps', async () => {
    const touching = fc.array(fc.constantFrom('x', 'y'), { minLength: 1, maxLength: 3 })
    const programs = fc.array(touching, { minLength: 2, maxLength: 3 }).filter((all) => all.flat().length < 8)
    let saved = 0
    await fc.assert(
      fc.asyncProperty(programs, async (program) => {
        const outcomes = new Set<string>()
        const play = async (scheduler: Scheduler) => {
          const touchedBy = { x: '', y: '' }
          for (const [index, places] of program.entries()) {
            const actor = 'ABC'.charAt(index)
            scheduler.start(actor, async () => {
              for (const place of places) {
                await scheduler.step(place, () => {
                  touchedBy[place] += actor
                })
              }
            })
          }
          await scheduler.run()
          outcomes.add(JSON.stringify(touchedBy))
        }
        const all = await explore(play)
        const allOutcomes = [...outcomes].sort()
        outcomes.clear()
        const some = await explore(play, (one, other) => one.label !== other.label)
        expect([...outcomes].sort()).to.deep.equal(allOutcomes)
        saved += all - some
      }),
      { numRuns: 30 },
    )
    expect(saved).to.be.above(0)
  })

  it('tells in which order it went wrong', async () => {
    const exploring = explore(async (scheduler) => {
      let shared = 0
      const increment = async () => {
        const seen = await scheduler.step('reads', () => shared)
        await scheduler.step('writes', () => {
          shared = seen + 1
        })
      }
      scheduler.start('A', increment)
      scheduler.start('B', increment)
      await scheduler.run()
      if (shared !== 2) throw new Error('an increment is lost')
    })
    expect(await messageOf(exploring)).to.equal(
      'an increment is lost, in this order:\nA: reads\nB: reads\nA: writes\nB: writes',
    )
  })

  it('fails when nobody can go on', async () => {
    const exploring = explore(async (scheduler) => {
      scheduler.start('A', () => new Promise<void>(() => {}))
      await scheduler.run()
    })
    expect(await messageOf(exploring)).to.contain('A cannot go on')
  })

  it('fails with what an actor throws', async () => {
    const exploring = explore(async (scheduler) => {
      scheduler.start('A', () => Promise.reject(new Error('a mistake of A')))
      await scheduler.run()
    })
    expect(await messageOf(exploring)).to.contain('a mistake of A')
  })

  it('fails when the story depends on more than the order', async () => {
    let plays = 0
    const exploring = explore(async (scheduler) => {
      plays += 1
      scheduler.start('A', async () => scheduler.step(`play ${plays}`, () => {}))
      startCounting(scheduler, [0, 1], [])
      await scheduler.run()
    })
    expect(await messageOf(exploring)).to.contain('the same choices led somewhere else')
  })
})

function messageOf(exploring: Promise<unknown>): Promise<string> {
  return exploring.then(
    () => 'it did not fail',
    (error: Error) => error.message,
  )
}
