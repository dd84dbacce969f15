import { Random } from '../../consistency/random.js'
import { type RawAnswer, type RawRequest, sendRaw } from '../../support/raw-http.js'
import { startFuzzed } from './fuzzed.js'
import type { LongestTurn } from './longest-turn.js'
import { randomRequest } from './random-request.js'

export interface Fuzzing {
  readonly seed: number
  readonly count: number
  /** Stops at so many differences. */
  readonly most?: number
}

interface Difference {
  readonly nth: number
  readonly asked: RawRequest
  readonly got: string
  readonly due: string
}

export interface FrontOutcome {
  readonly differences: readonly Difference[]
  /** How many were answered from the cache. */
  readonly hits: number
  readonly longestTurns: readonly LongestTurn[]
}

const AT_ONCE = 8
/** Of the moment, or what the cache says of itself. */
const OWN = /^(date|age|x-cache|cache-status|keep-alive|connection)$/i

/** Sends random requests to an application behind its front and to the same one without any cache. */
export async function fuzzFront({ seed, count, most = 20 }: Fuzzing): Promise<FrontOutcome> {
  const random = new Random(seed)
  const [fronted, plain] = [await startFuzzed('front'), await startFuzzed('plain')]
  const differences: Difference[] = []
  let hits = 0
  try {
    for (let at = 0; at < count && differences.length < most; at += AT_ONCE) {
      const requests = Array.from({ length: Math.min(AT_ONCE, count - at) }, () => randomRequest(random))
      await Promise.all(
        requests.map(async (asked, nth) => {
          const [got, due] = await Promise.all([sendRaw(fronted.url, asked), sendRaw(plain.url, asked)])
          if (got.header('x-cache') === 'HIT') hits += 1
          const [text, expected] = [lasting(got), lasting(due)]
          if (text !== expected) differences.push({ nth: at + nth, asked, got: text, due: expected })
        }),
      )
    }
    return { differences, hits, longestTurns: [await fronted.longestTurn()] }
  } finally {
    await Promise.all([fronted.stop(), plain.stop()])
  }
}

function lasting({ status, fields, text }: RawAnswer): string {
  const kept = fields
    .filter(([name]) => !OWN.test(name))
    .map(([name, value]) => `${name.toLowerCase()}: ${value}`)
  return [status, ...kept.sort(), text].join('\n')
}
