import { inThisOrder, type Play } from './explore.js'
import { Scheduler } from './scheduler.js'

/**
 * Plays the same story in orders drawn at random, where there are too many to play them all.
 *
 * Each actor has a pace of its own, drawn anew now and then. If all had the same, one with a single step would take it
 * near the beginning of nearly every walk; if each kept its own, a fast one would never be late.
 *
 * @param seed - The same one draws the same orders.
 * @throws The first failure, with the seed and the order that lead to it.
 */
export async function wander(play: Play, { walks, seed }: { walks: number; seed: number }): Promise<void> {
  const random = randomNumbers(seed)
  for (let walk = 1; walk <= walks; walk += 1) {
    const paces = new Map<string, number>()
    const paceOf = (actor: string): number => {
      const pace = paces.get(actor) ?? 100 ** random()
      paces.set(actor, pace)
      return pace
    }
    const scheduler = new Scheduler((steps) => {
      if (random() < 0.1) paces.clear()
      const weights = steps.map(({ actor }) => paceOf(actor))
      let left = random() * weights.reduce((sum, weight) => sum + weight, 0)
      const chosen = weights.findIndex((weight) => {
        left -= weight
        return left < 0
      })
      return Math.max(0, chosen)
    })
    await play(scheduler).catch((cause: unknown) => {
      throw new Error(`walk ${walk} with seed ${seed}: ${inThisOrder(cause, scheduler).message}`, { cause })
    })
  }
}

/** Numbers in [0, 1) (mulberry32, by Tommy Ettinger). */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
