import { PUBLICATION } from '../../postgres/follow-options.js'
import { mistakesOfLog } from '../../postgres/log/check-log-setup.js'
import { outboxMistakes } from '../../postgres/outbox/outbox-mistakes.js'
import { CliError } from '../cli-error.js'
import type { Invocation } from '../command.js'
import { EXIT } from '../exit-codes.js'
import { printable } from '../printable.js'
import { wrapped } from '../wrapped.js'
import type { DatabaseSession } from './database-session.js'

const WIDTH = 98

/** Whether a database can be followed, and what to type where it cannot. */
export async function runCheck(
  { options, terminal }: Invocation,
  { query, place }: DatabaseSession,
): Promise<number> {
  const from = wayOf(options.text('from') ?? 'log')
  const ignore = options.texts('ignore')
  const publication = options.text('publication') ?? PUBLICATION
  const mistakes =
    from === 'log' ? await mistakesOfLog(query, { publication, ignore }) : await outboxMistakes(query, ignore)
  const isReady = mistakes.length === 0
  if (options.has('json')) terminal.printJson({ from, ready: isReady, mistakes })
  else if (isReady)
    terminal.print(`${terminal.styled('green', '✓')} ${place} can be followed from its ${from}.`)
  else {
    for (const { problem, mend } of mistakes) {
      for (const [nth, line] of wrapped(printable(problem), WIDTH - 2).entries())
        terminal.print(`${nth === 0 ? terminal.styled('red', '✗') : ' '} ${line}`)
      for (const line of wrapped(printable(mend), WIDTH - 4)) terminal.print(`    ${line}`)
    }
    terminal.print()
    terminal.print(`${place} cannot be followed from its ${from} yet.`)
  }
  return isReady ? EXIT.done : EXIT.no
}

/** @throws CliError */
function wayOf(text: string): 'log' | 'outbox' {
  if (text === 'log' || text === 'outbox') return text
  throw new CliError(`--from ${text} is no way to follow`, 'Write --from log or --from outbox.')
}
