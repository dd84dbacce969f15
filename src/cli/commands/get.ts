import { requireKey } from '../../keys/raw-key.js'
import type { StoredValue } from '../../stores/store.js'
import type { Command, Invocation } from '../command.js'
import { EXIT } from '../exit-codes.js'
import { formatBytes, formatDuration } from '../format.js'
import { printable, printableLines } from '../printable.js'
import { JSON_OPTION, REDIS_OPTIONS } from '../redis-options.js'
import { openSession } from '../redis-session.js'
import { type StoredAnswer, storedAnswer, textOf } from '../stored-answer.js'
import type { Terminal } from '../terminal.js'

export const get: Command = {
  name: 'get',
  summary: 'Show what is cached under a key',
  usage: '<key> [options]',
  positionals: { min: 1, max: 1 },
  options: { ...REDIS_OPTIONS, ...JSON_OPTION },
  details: [
    'The body goes to standard output, as the route would send it, and what is known of it to standard error; so a pipe gets the body alone. It takes no lease and changes nothing.',
    'It shows what the cache would give: a value that its index does not list is none. The code is 1 where there is nothing.',
  ],
  examples: [
    { line: 'get customer:42', does: 'the answer, and how long it lives' },
    { line: 'get customer:42 | jq .name', does: 'the body alone' },
    { line: 'get customer:42 --json', does: 'with its status, headers, and how long it lives' },
  ],
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const { options, positionals, terminal } = invocation
  const [key = ''] = positionals
  requireKey(key, 'get')
  const { store, place } = await openSession(invocation)
  const [found, { entries }] = await Promise.all([
    store.get(key),
    store.browse({ prefix: key, limit: MOST_VARIANTS }),
  ])
  const tags = entries.find((entry) => entry.key === key)?.tags ?? []
  const variants = entries.map((entry) => entry.key).filter((other) => other.startsWith(`${key}#`))
  if (!found) {
    if (options.has('json')) terminal.printJson(null)
    terminal.note(`Nothing is cached under '${printable(key)}' (${place}).`)
    if (variants.length > 0) terminal.note(`There are variants of it: ${variants.map(printable).join(', ')}.`)
    return EXIT.no
  }
  const answer = await storedAnswer(found.value)
  const shown = { key, found, tags, answer }
  if (options.has('json')) printAsJson(terminal, shown)
  else printAsText(terminal, shown)
  return EXIT.done
}

const MOST_VARIANTS = 20

interface Shown {
  readonly key: string
  readonly found: StoredValue
  readonly tags: readonly string[]
  readonly answer: StoredAnswer | null
}

function printAsJson(terminal: Terminal, { key, found, tags, answer }: Shown): void {
  const text = answer && textOf(answer)
  terminal.printJson({
    key,
    status: answer?.status ?? null,
    headers: answer?.headers ?? null,
    bytes: found.value.length,
    remainingMs: found.remainingMs,
    tags,
    ...(text === null ? { base64: (answer?.body ?? found.value).toString('base64') } : { body: text }),
  })
}

function printAsText(terminal: Terminal, { key, found, tags, answer }: Shown): void {
  const type = answer
    ? `${answer.status} ${answer.headers['content-type'] ?? ''}`.trim()
    : 'no answer of a route'
  const facts = [
    printable(type),
    formatBytes(found.value.length),
    `gone in ${formatDuration(found.remainingMs)}`,
    ...(tags.length > 0 ? [`tags ${tags.map(printable).join(', ')}`] : []),
  ]
  terminal.note(`${terminal.styledNote('bold', printable(key))}  ${facts.join(' · ')}`)
  const body = answer?.body ?? found.value
  const text = answer && textOf(answer)
  if (!terminal.isInteractive) terminal.write(body)
  else if (text === null)
    terminal.note('Not shown on a terminal, as it is no text: send it into a file or a program.')
  else terminal.print(printableLines(indented(text)))
}

/** JSON with line breaks; other text as it is. */
function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
