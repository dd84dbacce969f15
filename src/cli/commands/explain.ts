import { askStore, gather } from '../../monitoring/gathering.js'
import type { ExplainedStep, ExplainQuestion, Explanation } from '../../monitoring/reports.js'
import { groupBy } from '../../tools/group-by.js'
import { CliError } from '../cli-error.js'
import type { Command, Invocation, OptionValues } from '../command.js'
import { EXIT } from '../exit-codes.js'
import { counted, formatBytes, formatDuration } from '../format.js'
import { headersOf } from '../headers.js'
import { printable } from '../printable.js'
import { JSON_OPTION, REDIS_OPTIONS } from '../redis-options.js'
import { openSession } from '../redis-session.js'
import type { Terminal } from '../terminal.js'

export const explain: Command = {
  name: 'explain',
  summary: 'Say what the cache would do with a request, and why',
  usage: '[<METHOD>] <url> [options]',
  positionals: { min: 1, max: 2 },
  options: {
    header: {
      type: 'string',
      short: 'H',
      value: '<line>',
      multiple: true,
      help: "A header of the request, as in curl: 'accept-language: de'",
    },
    user: {
      type: 'string',
      value: '<json>',
      help: `Who is signed in, as the application sets req.user: '{"id":7}'`,
    },
    ...REDIS_OPTIONS,
    ...JSON_OPTION,
  },
  details: [
    'The processes of the application answer it: which rule takes the request, each check in order, what is stored, and what the next such request would get. No handler and no middleware runs, and nothing is stored. What only a real request can tell, it says so.',
    'A process knows the routes of the application that it has given to cache.ready(app).',
    'The code is 1 where no rule takes the request.',
  ],
  examples: [
    { line: "explain GET '/customers?page=2'", does: 'why it hits or misses' },
    { line: `explain /tasks --user '{"id":7}' -H 'accept-language: de'`, does: 'somebody who is signed in' },
    { line: 'explain PUT /customers/42', does: 'what a write removes' },
  ],
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const { options, positionals, terminal } = invocation
  const question = questionOf(positionals, options)
  const { store, place } = await openSession(invocation)
  terminal.progress('Asking the processes …')
  // Loaded for those alone who ask: it comes with what answers requests.
  const { isExplainAnswer } = await import('../../monitoring/questions.js')
  const answers = await askStore(store, { kind: 'explain', question }, isExplainAnswer)
  const known = distinct(answers.flatMap(({ explanations }) => explanations))
  const processes = known.length > 0 ? null : (await gather(store)).length
  terminal.clearProgress()
  if (options.has('json'))
    terminal.printJson(known.map(({ explanation, processes: by }) => ({ ...explanation, processes: by })))
  else
    for (const { explanation, processes: by } of known) printExplanation(terminal, question, explanation, by)
  if (processes === 0) {
    terminal.note(
      `No process shares this cache at the moment (${place}). Look at --prefix if there should be one.`,
    )
  } else if (processes !== null) {
    const whom = processes === 1 ? 'The one process' : `None of the ${processes} processes`
    terminal.note(
      `${whom} knows ${processes === 1 ? 'no' : 'a'} route for ${question.method} ${printable(question.url)}.`,
    )
    terminal.note('A process knows the routes of the application that it gives to cache.ready(app).')
  }
  return known.some(({ explanation }) => explanation.rule !== '') ? EXIT.done : EXIT.no
}

/** @throws CliError */
function questionOf(positionals: readonly string[], options: OptionValues): ExplainQuestion {
  const [first = '', second] = positionals
  const [method, target] = second === undefined ? ['GET', first] : [first.toUpperCase(), second]
  if (!/^[A-Z]+$/.test(method)) {
    throw new CliError(
      `'${method}' is no method of HTTP`,
      "Write express-cacheable explain GET '/customers?page=2'.",
    )
  }
  const user = options.text('user')
  return {
    method,
    url: pathOf(target),
    headers: headersOf(options.texts('header')),
    ...(user === undefined ? {} : { user: jsonOf(user) }),
  }
}

/** Of a whole URL, what the application sees. @throws CliError */
function pathOf(target: string): string {
  const url = /^https?:\/\//i.test(target) && URL.canParse(target) ? new URL(target) : null
  const path = url ? url.pathname + url.search : target
  if (path !== '' && !/[\s#]/.test(path)) return path.startsWith('/') ? path : `/${path}`
  throw new CliError(
    `'${target}' is no path of a URL`,
    "Write a path and its query, as in '/customers?page=2', with other characters percent-encoded.",
  )
}

/** @throws CliError */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new CliError(
      `--user ${text} is no JSON`,
      `Write --user '{"id":7}', in quotes of your shell.`,
      cause,
    )
  }
}

interface Known {
  readonly explanation: Explanation
  /** Those that say so. */
  readonly processes: readonly string[]
}

/** Processes with the same routes say the same. How long an entry lives differs by what passes between their answers. */
function distinct(explanations: readonly Explanation[]): Known[] {
  const same = ({ rule, route, key, next, steps }: Explanation) =>
    JSON.stringify([rule, route, key, next.xCache, steps.map(({ check, outcome }) => [check, outcome])])
  return [...groupBy(explanations, same).values()].flatMap((group) => {
    const [explanation] = group
    return explanation ? [{ explanation, processes: group.map(({ process }) => process) }] : []
  })
}

function printExplanation(
  terminal: Terminal,
  { method, url }: ExplainQuestion,
  { steps, key, entry, next }: Explanation,
  processes: readonly string[],
): void {
  terminal.print(`${terminal.styled('bold', `${method} ${printable(url)}`)}  ${verdictOf(terminal, next)}`)
  terminal.print(terminal.styled('dim', `said by ${processes.map(printable).join(', ')}`))
  terminal.print()
  const width = Math.max(...steps.map(({ check }) => check.length), 0)
  for (const step of steps) printStep(terminal, step, width)
  terminal.print()
  if (key !== null) terminal.print(`key     ${printable(key)}`)
  if (key !== null) terminal.print(`stored  ${entry ? storedText(entry) : 'nothing'}`)
  terminal.print(`next    ${next.xCache === 'NONE' ? '' : `${next.xCache}: `}${printable(next.because)}`)
  terminal.print()
}

function verdictOf(terminal: Terminal, { xCache }: Explanation['next']): string {
  if (xCache === 'NONE') return ''
  const style = xCache === 'HIT' || xCache === 'STALE' ? 'green' : 'yellow'
  return terminal.styled(style, xCache)
}

const MARKS: Readonly<
  Record<ExplainedStep['outcome'], readonly [mark: string, style: 'green' | 'red' | 'yellow']>
> = {
  passes: ['✓', 'green'],
  stops: ['✗', 'red'],
  unknown: ['?', 'yellow'],
}

function printStep(terminal: Terminal, { check, outcome, detail, mend }: ExplainedStep, width: number): void {
  const [mark, style] = MARKS[outcome] ?? MARKS.unknown
  terminal.print(`${terminal.styled(style, mark)} ${printable(check).padEnd(width)}  ${printable(detail)}`)
  if (mend) terminal.print(`  ${' '.repeat(width)}  ${terminal.styled('dim', printable(mend))}`)
}

function storedText({ bytes, ageMs, remainingMs, isStale, tags }: NonNullable<Explanation['entry']>): string {
  return [
    formatBytes(bytes),
    ...(ageMs === null ? [] : [`${formatDuration(ageMs)} old`]),
    `gone in ${formatDuration(remainingMs)}${isStale ? ', stale' : ''}`,
    ...(tags.length > 0 ? [`${counted(tags.length, 'tag')}: ${tags.map(printable).join(', ')}`] : []),
  ].join(' · ')
}
