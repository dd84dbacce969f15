import type { BrowsedEntry } from '../../stores/browsing.js'
import type { Command, Invocation } from '../command.js'
import { entriesOf } from '../entries.js'
import { EXIT } from '../exit-codes.js'
import { counted, formatBytes, formatDuration } from '../format.js'
import { printable } from '../printable.js'
import { countOf, JSON_OPTION, REDIS_OPTIONS } from '../redis-options.js'
import { openSession } from '../redis-session.js'
import { keyFilter } from '../selection.js'
import type { Terminal } from '../terminal.js'

const SHOWN = 100

export const keys: Command = {
  name: 'keys',
  summary: 'List the keys that are cached',
  usage: "['<pattern>'] [options]",
  positionals: { min: 0, max: 1 },
  options: {
    ...REDIS_OPTIONS,
    limit: { type: 'string', short: 'n', value: '<count>', help: `How many at most, 0 for all; ${SHOWN}` },
    names: { type: 'boolean', help: 'Print the keys alone, one a line' },
    ...JSON_OPTION,
  },
  details: [
    'In a pattern a whole segment may be a star: in the middle it stands for one segment, at the end for one or more. Put it in quotes, or the shell takes the star for itself. A text without a star lists the keys that begin with it. Without a pattern it lists all.',
    "It reads the cache's own index, a piece at a time, and never scans Redis.",
  ],
  examples: [
    { line: "keys 'customers:*'", does: 'with sizes, tags and how long they live' },
    { line: "keys 'customers:*' --limit 0 --names | wc -l", does: 'how many' },
    { line: 'keys --prefix crm: --json', does: 'for programs' },
  ],
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const { options, positionals, terminal } = invocation
  const filter = keyFilter(positionals[0] ?? '')
  const limit = countOf('--limit', options.text('limit') ?? String(SHOWN)) || Number.POSITIVE_INFINITY
  const { store, place } = await openSession(invocation)
  const { entries, isMore } = await entriesOf(store, filter, limit, (looked) =>
    terminal.progress(`Looked at ${counted(looked, 'key')} …`),
  )
  if (options.has('json')) terminal.printJson({ entries, more: isMore })
  else if (options.has('names')) for (const { key } of entries) terminal.print(printable(key))
  else printEntries(terminal, entries)
  if (entries.length === 0) {
    terminal.note(
      `No key ${positionals[0] ? `is covered by '${printable(positionals[0])}'` : 'is held'} (${place}).`,
    )
  }
  if (isMore) terminal.note(`There are more; --limit 0 lists all.`)
  return EXIT.done
}

function printEntries(terminal: Terminal, entries: readonly BrowsedEntry[]): void {
  if (entries.length === 0) return
  const hasTags = entries.some(({ tags }) => tags.length > 0)
  terminal.printTable(
    [
      { title: 'KEY', shrinks: true },
      { title: 'SIZE', align: 'right' },
      { title: 'GONE IN', align: 'right' },
      ...(hasTags ? [{ title: 'TAGS', shrinks: true } as const] : []),
    ],
    entries.map(({ key, bytes, remainingMs, tags }) => [
      printable(key),
      formatBytes(bytes),
      formatDuration(remainingMs),
      ...(hasTags ? [tags.map(printable).join(' ')] : []),
    ]),
  )
}
