import { CacheError } from '../errors.js'
import type { ChangeSource } from './change-source.js'

/**
 * Says at once what no attempt will mend by itself. A database that cannot be reached is none of that.
 *
 * @throws CacheError `E_CACHE_OPTION` with all that has to be set up.
 */
export async function refuseMistakes(source: ChangeSource): Promise<void> {
  const mistakes = await source.mistakes().catch(() => [])
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
