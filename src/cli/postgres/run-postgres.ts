import { CliError } from '../cli-error.js'
import type { Invocation } from '../command.js'
import { openDatabase } from './database-session.js'
import { runCheck } from './run-check.js'
import { runSetup } from './run-setup.js'
import { runTriggers } from './run-triggers.js'

const ACTIONS = { setup: runSetup, check: runCheck, triggers: runTriggers }

/** What each of them has beside --database and --json. */
const OPTIONS: Readonly<Record<keyof typeof ACTIONS, readonly string[]>> = {
  setup: ['publication', 'role'],
  check: ['from', 'publication', 'ignore'],
  triggers: ['role', 'ignore', 'apply', 'drop', 'ddl'],
}
const OF_ALL = ['database', 'json']

/** @throws CliError */
export async function runPostgres(invocation: Invocation): Promise<number> {
  const action = actionOf(invocation)
  const { terminal } = invocation
  const database = await openDatabase(invocation)
  terminal.atEnd(() => database.close())
  return ACTIONS[action](invocation, database)
}

function actionOf({ positionals: [word = ''], options }: Invocation): keyof typeof ACTIONS {
  if (!isAction(word)) {
    throw new CliError(
      `postgres does not know '${word}'`,
      'Write express-cacheable postgres setup, postgres check or postgres triggers.',
    )
  }
  const others = [...new Set(Object.values(OPTIONS).flat())]
  const useless = others.find((name) => options.has(name) && ![...OPTIONS[word], ...OF_ALL].includes(name))
  if (useless === undefined) return word
  const own = OPTIONS[word].map((name) => `--${name}`).join(', ')
  throw new CliError(
    `postgres ${word} has no option --${useless}`,
    `Beside --database and --json it has ${own}.`,
  )
}

function isAction(word: string): word is keyof typeof ACTIONS {
  return Object.hasOwn(ACTIONS, word)
}
