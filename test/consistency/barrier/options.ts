import { parseArgs } from 'node:util'
import { randomSeed } from '../options.js'

export interface BarrierRaceOptions {
  /** The race ends once so many reads and writes have been answered. */
  readonly operations: number
  /** Of all choices: who asks whom for what, who waits where. */
  readonly seed: number
  /** Whether writes stand behind `cache.barrier()`. */
  readonly barrier: boolean
  /** What followers read, as of `followDatabase`. */
  readonly from: 'log' | 'outbox'
  /** Whether followers say no position, so that all is evicted for each write. */
  readonly mute: boolean
  readonly processes: number
  /** How many at once, who ask any process. */
  readonly clients: number
  readonly deadlineMs: number
  /** So many processes are killed in the midst of their work, one after the other, and others take their places. */
  readonly deaths: number
}

export const DEFAULT_OPTIONS = {
  operations: 200_000,
  barrier: true,
  from: 'log',
  mute: false,
  processes: 4,
  clients: 40,
  deadlineMs: 500,
  deaths: 0,
} as const satisfies Omit<BarrierRaceOptions, 'seed'>

export const USAGE = `
node build/test/consistency/barrier/main.js [options]

  --operations 200000  reads and writes, all clients together
  --seed               repeats the choices of the run that printed it, but not the time that each step takes
  --no-barrier         writes do not wait: the run must then find old answers
  --from log | outbox  what followers read
  --mute               followers say no position, so that all is evicted for each write
  --processes 4        --clients 40, who ask any of them
  --deadline 500       deadlineMs of the caches: how long an answer waits at most
  --deaths 0           so many processes are killed meanwhile`

const COUNTS = ['operations', 'processes', 'clients', 'deaths', 'seed', 'deadline'] as const

/** @throws Error for whatever is no option. */
export function readOptions(args: readonly string[]): BarrierRaceOptions {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ operations: text, processes: text, clients: text, deaths: text, seed: text, deadline: text },
      'no-barrier': { type: 'boolean' },
      mute: { type: 'boolean' },
      from: text,
    },
  })
  const count = (name: (typeof COUNTS)[number], otherwise: number, least = 1): number => {
    const number = values[name] === undefined ? otherwise : Number(values[name])
    if (Number.isSafeInteger(number) && number >= least) return number
    throw new Error(`--${name} is '${values[name]}', and has to be a whole number from ${least} on`)
  }
  const { from = DEFAULT_OPTIONS.from, mute = DEFAULT_OPTIONS.mute } = values
  if (from !== 'log' && from !== 'outbox') throw new Error(`followers read no '${from}'`)
  return {
    ...{ from, mute },
    operations: count('operations', DEFAULT_OPTIONS.operations),
    processes: count('processes', DEFAULT_OPTIONS.processes),
    clients: count('clients', DEFAULT_OPTIONS.clients),
    deadlineMs: count('deadline', DEFAULT_OPTIONS.deadlineMs),
    deaths: count('deaths', DEFAULT_OPTIONS.deaths, 0),
    seed: count('seed', randomSeed(), 0),
    barrier: !values['no-barrier'],
  }
}
