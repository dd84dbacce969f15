import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'

const DECLARED = ['nothing', 'thing and list', 'all'] as const
type DeclaredName = (typeof DECLARED)[number]

export interface CommandOptions {
  readonly declare: DeclaredName
  readonly isTracked: boolean
  readonly steps: number
  readonly seed: number
  readonly atOnce: number
  /** `pglite`, `postgres` for one of the run's own, or a URL. */
  readonly database: string
}

export const USAGE = `
npm run twin -- [options]

  --declare nothing | thing-and-list | all   evictions that the routes declare (nothing)
  --untracked                                without the tracker, which follows what is read and written
  --steps 5000                               reads and writes, by several people
  --seed                                     repeats the choices of the run that printed it
  --at-once 0                                reads that go out together with each write
  --database pglite                          or postgres, or a URL; its tables are made`

/** @throws Error for whatever is no option. */
export function readOptions(args: readonly string[]): CommandOptions {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ declare: text, steps: text, seed: text, database: text },
      ...{ 'at-once': text, untracked: { type: 'boolean' } },
    },
  })
  return {
    declare: declaredOf(values.declare ?? 'nothing'),
    isTracked: !values.untracked,
    steps: wholeNumber('steps', values.steps ?? '5000'),
    seed: wholeNumber('seed', values.seed ?? String(randomInt(2 ** 32))),
    atOnce: wholeNumber('at-once', values['at-once'] ?? '0'),
    database: values.database ?? 'pglite',
  }
}

function declaredOf(text: string): DeclaredName {
  const name = DECLARED.find((declared) => declared === text.replaceAll('-', ' '))
  if (name === undefined) throw new Error(`--declare cannot be '${text}'`)
  return name
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= 0) return number
  throw new Error(`--${name} is '${text}', and has to be a whole number`)
}
