import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import type { Selector, Store } from '../../stores/store.js'
import { CliError } from '../cli-error.js'
import type { Command, Invocation } from '../command.js'
import { EXIT } from '../exit-codes.js'
import { counted, formatCount } from '../format.js'
import { type Preview, previewOf } from '../preview.js'
import { printable } from '../printable.js'
import { JSON_OPTION, REDIS_OPTIONS } from '../redis-options.js'
import { openSession } from '../redis-session.js'
import { keySelector, patternSelector, tagSelector } from '../selection.js'
import type { Terminal } from '../terminal.js'

export const evict: Command = {
  name: 'evict',
  summary: 'Remove entries, or see what would go',
  usage: "['<pattern>' …] [--key <key>] [--tag <tag>] [options]",
  positionals: { min: 0, max: 100 },
  options: {
    key: {
      type: 'string',
      value: '<key>',
      multiple: true,
      help: 'One key and its variants, also where it has a star',
    },
    tag: { type: 'string', value: '<tag>', multiple: true, help: 'All entries that carry a tag' },
    'dry-run': { type: 'boolean', short: 'n', help: 'Only say what would go' },
    yes: { type: 'boolean', short: 'y', help: 'Do not ask' },
    ...REDIS_OPTIONS,
    ...JSON_OPTION,
  },
  details: [
    "It evicts as a write does: what is being loaded at the moment is not stored afterwards, and the copies of all processes go. Stars stand for whole segments, as in cache.evict(): 'customers:*' takes customers:list:1, and leaves customer:1. A pattern without a star is a key.",
    'On a terminal it asks first. Elsewhere it wants --yes.',
  ],
  examples: [
    { line: "evict 'customers:*' --dry-run", does: 'what would go' },
    { line: "evict customer:42 'customers:list:*' --yes", does: 'without a question' },
    { line: 'evict --tag author:7', does: 'what carries a tag' },
    { line: "evict '*' --prefix crm:", does: 'all that a cache holds' },
  ],
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const { options, positionals, terminal } = invocation
  const selectors = [
    ...positionals.map(patternSelector),
    ...options.texts('key').map(keySelector),
    ...options.texts('tag').map(tagSelector),
  ]
  if (selectors.length === 0) {
    throw new CliError(
      'evict is not told what',
      "Write express-cacheable evict 'customers:*', --key <key> or --tag <tag>.",
    )
  }
  const isDry = options.has('dry-run')
  if (!isDry && !options.has('yes') && !terminal.canAsk) {
    throw new CliError(
      'evict asks before it removes, and nobody can answer here',
      'Add --yes, or --dry-run to see what would go.',
    )
  }
  const { store, place } = await openSession(invocation)
  if (isDry) {
    printPreview(terminal, await previewOf(store, selectors, terminal), options.has('json'))
    return EXIT.done
  }
  if (!options.has('yes')) {
    const preview = await previewOf(store, selectors, terminal)
    if (!(await isConfirmed(terminal, `Evict ${sizeOf(preview)} (${place})?`))) {
      terminal.note('Nothing was evicted.')
      return EXIT.no
    }
  }
  printRemoved(terminal, await evictAll(store, selectors, terminal), options.has('json'))
  return EXIT.done
}

async function evictAll(store: Store, selectors: readonly Selector[], terminal: Terminal): Promise<number> {
  terminal.progress('Evicting …')
  let isUnderWay = true
  terminal.atEnd(() => {
    if (isUnderWay) terminal.note('Interrupted: some entries may be gone, and others not. Evict again.')
  })
  try {
    return await store.evict(selectors)
  } finally {
    isUnderWay = false
    terminal.clearProgress()
  }
}

function printRemoved(terminal: Terminal, removed: number, isJson: boolean): void {
  if (isJson) terminal.printJson({ removed })
  else if (removed === 0)
    terminal.print('There was nothing to remove. Loads that were under way will not be stored.')
  else terminal.print(`Removed ${counted(removed, 'entry', 'entries')}.`)
}

function printPreview(terminal: Terminal, { keys, count, isMore }: Preview, isJson: boolean): void {
  if (isJson) {
    terminal.printJson({ count, keys, more: isMore })
    return
  }
  for (const key of keys) terminal.print(printable(key))
  const unlisted = count - keys.length
  if (unlisted > 0)
    terminal.print(terminal.styled('dim', `… and ${formatCount(unlisted)} more${isMore ? ' at least' : ''}`))
  terminal.note(count === 0 ? 'Nothing would go.' : `${sizeOf({ keys, count, isMore })} would go.`)
}

function sizeOf({ count, isMore }: Preview): string {
  return `${isMore ? 'more than ' : ''}${counted(count, 'entry', 'entries')}`
}

async function isConfirmed(terminal: Terminal, question: string): Promise<boolean> {
  const { input, errors } = terminal.streams
  const lines = createInterface({ input, output: errors })
  terminal.atEnd(() => lines.close())
  try {
    // Ctrl-C goes to whoever reads lines, and ends the command as elsewhere.
    lines.once('SIGINT', () => process.kill(process.pid, 'SIGINT'))
    // Whoever ends the input has not said yes. By Ctrl-D the question rejects; where the input ends otherwise, it waits.
    const ended = once(lines, 'close').then(() => '')
    const answered = lines.question(`${question} [y/N] `).catch(() => '')
    const answer = await Promise.race([answered, ended])
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    lines.close()
  }
}
