import { CacheError } from '../errors.js'
import { reasonOf } from '../tools/reason-of.js'
import type { ChangeSource } from './change-source.js'
import type { SetupMistake } from './setup-mistake.js'

/**
 * Says at once what no attempt will mend by itself. A database that cannot be reached is none of that.
 *
 * @throws CacheError `E_CACHE_OPTION` with all that has to be set up.
 */
export async function refuseMistakes(source: ChangeSource): Promise<void> {
  const mistakes = await source.mistakes().catch(refusalsOf)
  if (mistakes.length === 0) return
  const [first] = mistakes
  const isOne = mistakes.length === 1
  throw new CacheError('E_CACHE_OPTION', {
    where: 'followDatabase()',
    problem: isOne
      ? (first?.problem ?? '')
      : mistakes.map(({ problem }, place) => `(${place + 1}) ${problem}`).join('; '),
    mend: isOne ? (first?.mend ?? '') : mistakes.map(({ mend }, place) => `(${place + 1}) ${mend}`).join(' '),
  })
}

/** What no other attempt will mend: a wrong password, a database that is not there. */
function refusalsOf(error: unknown): readonly SetupMistake[] {
  if (!/^(?:28|3D)/.test(String(Object(error).code))) return []
  return [
    {
      problem: `PostgreSQL lets nobody in with this connectionString: ${reasonOf(error)}`,
      mend: 'Give user, password and database as for psql.',
    },
  ]
}
