import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { FAULTS, type FaultName, isFaultName } from './faults/fault-names.js'
import { isStoreName, STORE_NAMES, type StoreName } from './open-store.js'

/** What is taken out of the store, to see that the race would tell. */
const SAFEGUARDS = ['lease', 'fence', 'tags', 'word', 'roll-call'] as const
export type Safeguard = (typeof SAFEGUARDS)[number]

/** How much lies between faults, and how long they last. */
export type Pace = 'short' | 'long'

/** One process dies after so many operations of all. Not after some time: on a busy machine a start takes long. */
export const DEATH_AFTER = {
  short: { least: 4_000, most: 8_000 },
  long: { least: 10_000, most: 30_000 },
} as const satisfies Record<Pace, object>

export interface RaceOptions {
  readonly store: StoreName
  /** The race ends once so many reads and writes have been counted. */
  readonly operations: number
  /** Of all choices: who reads and writes what, who waits where, and who dies. */
  readonly seed: number
  /** How many processes at once; a store within one process has only one. */
  readonly processes: number
  /** How many at once in each process. */
  readonly readers: number
  readonly writers: number
  readonly without: Safeguard | undefined
  /** What befalls Redis and the way to it, one after the other and again; on a Redis of the race's own. */
  readonly faults: readonly FaultName[]
  readonly pace: Pace
}

export const DEFAULT_OPTIONS = {
  store: 'redis',
  operations: 300_000,
  processes: 4,
  readers: 50,
  writers: 10,
  without: undefined,
  faults: [],
  pace: 'long',
} as const satisfies Omit<RaceOptions, 'seed'>

export const USAGE = `
node build/test/consistency/main.js [options]

  --store ${STORE_NAMES.join(' | ')}
  --operations 300000      reads and writes, all processes together
  --seed                   repeats the choices of the run that printed it
  --processes 4            --readers 50 and --writers 10 in each
  --faults all | some,others of ${FAULTS.join(', ')}
  --pace long | short      how long faults last, and how much lies between them
  --without ${SAFEGUARDS.join(' | ')}  takes a safeguard out: the run must then find violations

REDIS_URL names the Redis to use; without it, one is started for the run.`

/** @throws Error for whatever is no option. */
export function readOptions(args: readonly string[]): RaceOptions {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...args],
    options: {
      store: text,
      operations: text,
      seed: text,
      processes: text,
      readers: text,
      writers: text,
      without: text,
      faults: text,
      pace: text,
    },
  })
  const { store = DEFAULT_OPTIONS.store, without } = values
  if (!isStoreName(store)) throw new Error(`there is no store '${store}'`)
  if (without !== undefined && !isSafeguard(without)) throw new Error(`there is no safeguard '${without}'`)
  const { pace = DEFAULT_OPTIONS.pace } = values
  if (pace !== 'long' && pace !== 'short') throw new Error(`there is no pace '${pace}'`)
  const faults = readFaults(values.faults)
  if (faults.length > 0 && store !== 'redis') throw new Error('faults are those of --store redis')
  const count = (name: 'operations' | 'processes' | 'readers' | 'writers'): number =>
    wholeNumber(name, values[name], DEFAULT_OPTIONS[name], 1)
  return {
    store,
    without,
    faults,
    pace,
    operations: count('operations'),
    processes: count('processes'),
    readers: count('readers'),
    writers: count('writers'),
    seed: wholeNumber('seed', values.seed, randomSeed(), 0),
  }
}

function isSafeguard(name: string): name is Safeguard {
  return SAFEGUARDS.some((safeguard) => safeguard === name)
}

function readFaults(text: string | undefined): readonly FaultName[] {
  if (text === undefined) return []
  if (text === 'all') return FAULTS
  const names = text.split(',')
  const unknown = names.find((name) => !isFaultName(name))
  if (unknown !== undefined) throw new Error(`there is no fault '${unknown}'`)
  return names.filter(isFaultName)
}

export function randomSeed(): number {
  return randomInt(2 ** 32)
}

function wholeNumber(name: string, text: string | undefined, otherwise: number, least: number): number {
  const number = text === undefined ? otherwise : Number(text)
  if (Number.isSafeInteger(number) && number >= least) return number
  throw new Error(`--${name} is '${text}', and has to be a whole number from ${least} on`)
}
