import { randomBytes } from 'node:crypto'
import { ignoredFields } from '../../auditing/ignored-fields.js'
import { askStore, gather } from '../../monitoring/gathering.js'
import type { Store } from '../../stores/store.js'
import { realTime, sleep } from '../../tools/real-time.js'
import { askedRules, EntryAudit, type EntryResult } from '../audit/entry-audit.js'
import { CliError } from '../cli-error.js'
import type { Command, Invocation, OptionValues } from '../command.js'
import { entriesOf } from '../entries.js'
import { EXIT } from '../exit-codes.js'
import { counted, formatCount } from '../format.js'
import { headersOf } from '../headers.js'
import { printable } from '../printable.js'
import { durationOf, JSON_OPTION, REDIS_OPTIONS } from '../redis-options.js'
import { openSession } from '../redis-session.js'
import { keyFilter } from '../selection.js'
import type { Terminal } from '../terminal.js'

const WAIT = '60s'

export const audit: Command = {
  name: 'audit',
  summary: 'Compare what is cached with what the application answers now',
  usage: "['<pattern>'] --app <url> [options]",
  positionals: { min: 0, max: 1 },
  options: {
    app: { type: 'string', value: '<url>', help: 'Where the application answers: http://localhost:3000' },
    mount: {
      type: 'string',
      value: '<path>',
      multiple: true,
      help: 'Where routers are mounted, such as /api; each is tried',
    },
    header: {
      type: 'string',
      short: 'H',
      value: '<line>',
      multiple: true,
      help: "A header of the requests: 'authorization: Bearer …'",
    },
    ignore: {
      type: 'string',
      value: '<field>',
      multiple: true,
      help: 'A field that is not compared: generatedAt, items.*.seenAt',
    },
    wait: { type: 'string', value: '<time>', help: `How long a difference has to last; ${WAIT}` },
    ...REDIS_OPTIONS,
    ...JSON_OPTION,
  },
  details: [
    'It walks all entries once, or those of a pattern. Of each it makes the request that would come to it, asks the application past its cache, and compares. Nothing is stored and nothing is evicted. A difference is looked at again after a second and after --wait, on an entry that has not changed, before it counts as stale.',
    'Entries that no request of these headers comes to are counted and not compared: those of other people, variants by a header, values of functions, keys that a function gives.',
    'The code is 1 where something is stale.',
  ],
  examples: [
    { line: 'audit --app http://localhost:3000 --prefix crm:', does: 'all entries' },
    { line: "audit 'customer:*' --app http://localhost:3000 --mount /api", does: 'behind a router' },
    {
      line: "audit --app http://localhost:3000 -H 'authorization: Bearer …' --ignore generatedAt",
      does: 'as somebody who is signed in',
    },
  ],
  run,
}

interface Stale {
  readonly rule: string
  readonly key: string
  readonly fields: readonly string[]
}

interface Outcome {
  readonly entries: number
  readonly agreed: number
  readonly settled: number
  readonly stale: readonly Stale[]
  /** How many, by why. */
  readonly notAsked: Readonly<Record<string, number>>
}

async function run(invocation: Invocation): Promise<number> {
  const { options, positionals, terminal } = invocation
  const filter = keyFilter(positionals[0] ?? '')
  const bases = basesOf(options)
  const waitMs = durationOf('--wait', options.text('wait') ?? WAIT)
  const isIgnored = ignoredFields(options.texts('ignore'))
  const headers = headersOf(options.texts('header'))
  const { store, place } = await openSession(invocation)
  terminal.progress('Asking the processes …')
  const pass = new Pass(store)
  if (!(await pass.keepOpen())) {
    throw new CliError(
      `no process of the application lets an audit in (${place})`,
      'Start the application with this version, and look at --prefix and --redis.',
    )
  }
  const reports = await gather(store, { withinMs: 2_500 })
  const rules = askedRules(reports.flatMap((report) => report.rules))
  const entries = new EntryAudit({ store, rules, bases, headers, token: pass.token, isIgnored })
  const { entries: found } = await entriesOf(store, filter, Number.POSITIVE_INFINITY)
  const keys = found.map(({ key }) => key)
  const outcome = await auditAll(keys, entries, pass, terminal, waitMs)
  terminal.clearProgress()
  if (options.has('json')) terminal.printJson(outcome)
  else printOutcome(terminal, outcome)
  if (keys.length === 0) terminal.note(`No key is held (${place}).`)
  return outcome.stale.length > 0 ? EXIT.no : EXIT.done
}

/** Each once; and what differs again, until it has lasted. */
async function auditAll(
  keys: readonly string[],
  entries: EntryAudit,
  pass: Pass,
  terminal: Terminal,
  waitMs: number,
): Promise<Outcome> {
  const results = new Map<string, EntryResult>()
  const differing = () => [...results].flatMap(([key, { kind }]) => (kind === 'differs' ? [key] : []))
  const lookAt = async (some: readonly string[], what: string): Promise<void> => {
    for (const [nth, key] of some.entries()) {
      terminal.progress(`${what} ${formatCount(nth + 1)} of ${formatCount(some.length)} …`)
      await pass.keepOpen()
      results.set(key, await entries.look(key))
    }
  }
  await lookAt(keys, 'Entry')
  const seenAt = realTime.now()
  for (const afterMs of [Math.min(1_000, waitMs), waitMs]) {
    const left = differing()
    if (left.length === 0) break
    terminal.progress(`${counted(left.length, 'difference')} to be looked at again …`)
    await sleep(Math.max(0, seenAt + afterMs - realTime.now()))
    await lookAt(left, 'Difference')
  }
  return outcomeOf(results)
}

function outcomeOf(results: ReadonlyMap<string, EntryResult>): Outcome {
  const count = (kind: EntryResult['kind']) => [...results.values()].filter((one) => one.kind === kind).length
  const notAsked: Record<string, number> = {}
  const stale: Stale[] = []
  for (const [key, result] of results) {
    if (result.kind === 'not asked') notAsked[result.reason] = (notAsked[result.reason] ?? 0) + 1
    if (result.kind === 'differs') stale.push({ rule: result.rule, key, fields: result.fields })
  }
  return { entries: results.size, agreed: count('agrees'), settled: count('settled'), stale, notAsked }
}

/** Lets the requests of this audit past the caches of all processes, for as long as it goes on. */
class Pass {
  readonly token = randomBytes(32).toString('hex')
  readonly #store: Pick<Store, 'gathering'>
  #askedAt = Number.NEGATIVE_INFINITY

  constructor(store: Pick<Store, 'gathering'>) {
    this.#store = store
  }

  /** @returns Whether a process is known to have let it in. */
  async keepOpen(): Promise<boolean> {
    if (realTime.now() - this.#askedAt < ASK_AGAIN_MS) return true
    const { isAuditAnswer } = await import('../../monitoring/questions.js')
    const answers = await askStore(this.#store, { kind: 'audit', token: this.token }, isAuditAnswer)
    this.#askedAt = realTime.now()
    return answers.length > 0
  }
}

/** Processes keep it open for a minute. */
const ASK_AGAIN_MS = 20_000

/** @throws CliError */
function basesOf(options: OptionValues): readonly string[] {
  const app = options.text('app')
  if (app === undefined || !/^https?:\/\//i.test(app) || !URL.canParse(app)) {
    throw new CliError(
      app === undefined ? 'audit is not told where the application answers' : `--app ${app} is no URL`,
      'Add --app http://localhost:3000.',
    )
  }
  const base = app.replace(/\/+$/, '')
  const mounts = options.texts('mount').map((mount) => `/${mount.replaceAll(/^\/+|\/+$/g, '')}`)
  return [base, ...mounts.map((mount) => base + mount)]
}

function printOutcome(terminal: Terminal, { entries, agreed, settled, stale, notAsked }: Outcome): void {
  const reasons = Object.entries(notAsked).sort(([, one], [, other]) => other - one)
  const without = reasons.reduce((sum, [, count]) => sum + count, 0)
  terminal.print(
    `${counted(entries, 'entry', 'entries')}: ${formatCount(agreed)} agree, ${formatCount(stale.length)} stale, ${formatCount(settled)} settled, ${formatCount(without)} not asked for`,
  )
  if (stale.length > 0) {
    terminal.print()
    terminal.printTable(
      [{ title: 'STALE' }, { title: 'KEY', shrinks: true }, { title: 'DIFFER', shrinks: true }],
      stale.map(({ rule, key, fields }) => [rule, printable(key), fields.join(', ')]),
    )
  }
  if (reasons.length === 0) return
  terminal.print()
  terminal.printTable(
    [{ title: 'NOT ASKED', align: 'right' }, { title: 'WHY' }],
    reasons.map(([reason, count]) => [formatCount(count), reason]),
  )
}
