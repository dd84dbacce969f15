import { expect } from 'chai'
import type { Scheduler } from './scheduler.js'
import { wander } from './wander.js'

describe('wander', () => {
  it('draws the same orders for the same seed, and others for another', async () => {
    const drawn = async (seed: number) => {
      const orders: string[] = []
      await wander((scheduler) => play(scheduler, orders), { walks: 20, seed })
      return orders
    }
    expect(await drawn(1)).to.deep.equal(await drawn(1))
    expect(await drawn(1)).not.to.deep.equal(await drawn(2))
  })

  it('comes to every order', async () => {
    const orders: string[] = []
    await wander((scheduler) => play(scheduler, orders), { walks: 300, seed: 1 })
    expect(new Set(orders)).to.have.all.keys('ABBB', 'BABB', 'BBAB', 'BBBA')
  })

  it('tells with which seed and in which order it went wrong', async () => {
    const wandering = wander(
      async (scheduler) => {
        await play(scheduler, [])
        throw new Error('a mistake')
      },
      { walks: 1, seed: 7 },
    )
    const problem = await wandering.then(
      () => 'it did not fail',
      (error: Error) => error.message,
    )
    expect(problem).to.match(/^walk 1 with seed 7: a mistake, in this order:\n([AB]: step\n?){4}$/)
  })
})

async function play(scheduler: Scheduler, orders: string[]): Promise<void> {
  const log: string[] = []
  for (const [actor, steps] of [
    ['A', 1],
    ['B', 3],
  ] as const) {
    scheduler.start(actor, async () => {
      for (let nth = 0; nth < steps; nth += 1) await scheduler.step('step', () => log.push(actor))
    })
  }
  await scheduler.run()
  orders.push(log.join(''))
}
