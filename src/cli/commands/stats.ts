import type { Accounts } from '../../engine/statistics.js'
import { gather } from '../../monitoring/gathering.js'
import { type MergedRule, mergeRules, mergeTotals } from '../../monitoring/merge-reports.js'
import { redisReport } from '../../monitoring/redis-report.js'
import type { ProcessReport, RedisReport, Totals } from '../../monitoring/reports.js'
import type { Command, Invocation } from '../command.js'
import { EXIT } from '../exit-codes.js'
import { counted, formatBytes, formatCount, formatDuration, formatMs, formatShare } from '../format.js'
import { printable } from '../printable.js'
import { JSON_OPTION, REDIS_OPTIONS } from '../redis-options.js'
import { openSession } from '../redis-session.js'
import type { Column } from '../table.js'
import type { Terminal } from '../terminal.js'

/** Processes learn within a second that somebody looks, and begin to tell. */
const WITHIN_MS = 2_500

export const stats: Command = {
  name: 'stats',
  summary: 'Show what the cache has done, by rule and by process',
  usage: '[options]',
  positionals: { min: 0, max: 0 },
  options: { ...REDIS_OPTIONS, ...JSON_OPTION },
  details: [
    'It asks all processes that share the cache, which takes a second or two, and counts since each of them began. It shows Redis itself too, and why requests went past the cache, with what to do about it.',
  ],
  examples: [
    { line: 'stats --redis redis://localhost:6379 --prefix crm:', does: 'all there is' },
    { line: 'stats --json | jq .totals.hits', does: 'for programs' },
  ],
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const { options, terminal } = invocation
  const { store, client, place } = await openSession(invocation)
  terminal.progress('Waiting for the processes …')
  const [keys, reports, redis] = await Promise.all([
    store.count(''),
    gather(store, { withinMs: WITHIN_MS }),
    redisReport(() => client?.info() ?? null),
  ])
  terminal.clearProgress()
  const totals = mergeTotals(reports)
  const rules = [...mergeRules(reports)].sort((one, other) => requestsOf(other) - requestsOf(one))
  if (options.has('json')) {
    const processes = reports.map(({ rules: _, writes, history, events, ...process }) => process)
    terminal.printJson({ keys, redis, totals, rules, processes })
    return EXIT.done
  }
  terminal.print(`${terminal.styled('bold', place)}  ${counted(keys, 'key')}`)
  if (redis) terminal.print(redisLine(redis))
  terminal.print()
  if (reports.length === 0) {
    terminal.print('No process shares this cache at the moment.')
    terminal.note('Look at --prefix if there should be one. A process tells of itself within two seconds.')
    return EXIT.done
  }
  terminal.print(totalsLine(totals))
  terminal.print()
  printRules(terminal, rules)
  terminal.print()
  printProcesses(terminal, reports)
  printReasons(terminal, rules)
  return EXIT.done
}

function requestsOf({ hits, misses, bypasses }: Accounts): number {
  return hits + misses + bypasses
}

function redisLine(redis: RedisReport): string {
  const { version, usedMemoryBytes, maxMemoryBytes, maxMemoryPolicy, connections, roundTripMs } = redis
  const limit = maxMemoryBytes ? ` of ${formatBytes(maxMemoryBytes)} (${maxMemoryPolicy})` : ', no limit'
  return [
    `Redis ${version ?? 'of an unknown version'}`,
    ...(usedMemoryBytes === null ? [] : [`memory ${formatBytes(usedMemoryBytes)}${limit}`]),
    ...(connections === null ? [] : [counted(connections, 'connection')]),
    `round trip ${formatMs(roundTripMs)} ms`,
  ].join(' · ')
}

function totalsLine(totals: Totals): string {
  const { hits, misses, bypasses, stale, evicted, savedMs, forgotten, errors } = totals
  return [
    counted(requestsOf(totals), 'request'),
    `${formatShare(hits, hits + misses)} hits${stale > 0 ? ` (${formatCount(stale)} stale)` : ''}`,
    counted(misses, 'miss', 'misses'),
    counted(bypasses, 'bypass', 'bypasses'),
    `${counted(evicted, 'entry', 'entries')} evicted`,
    `about ${formatDuration(savedMs)} of handlers saved`,
    ...(errors > 0 ? [counted(errors, 'error')] : []),
    ...(forgotten > 0 ? [`${counted(forgotten, 'forgotten eviction')}`] : []),
  ].join(' · ')
}

const RULE_COLUMNS: readonly Column[] = [
  { title: 'RULE', shrinks: true },
  { title: 'KEY', shrinks: true },
  { title: 'TTL', align: 'right' },
  { title: 'REQUESTS', align: 'right' },
  { title: 'HITS', align: 'right' },
  { title: 'BYPASSES', align: 'right' },
  { title: 'HIT p50', align: 'right' },
  { title: 'p99', align: 'right' },
  { title: 'LOAD p50', align: 'right' },
  { title: 'p99', align: 'right' },
]

function printRules(terminal: Terminal, rules: readonly MergedRule[]): void {
  terminal.printTable(
    RULE_COLUMNS,
    rules.map((rule) => [
      printable(rule.name),
      printable(rule.key),
      formatDuration(rule.ttlMs),
      formatCount(requestsOf(rule)),
      formatShare(rule.hits, rule.hits + rule.misses),
      formatCount(rule.bypasses),
      formatMs(rule.hitLatency.p50Ms),
      formatMs(rule.hitLatency.p99Ms),
      formatMs(rule.loadLatency.p50Ms),
      formatMs(rule.loadLatency.p99Ms),
    ]),
  )
}

const PROCESS_COLUMNS: readonly Column[] = [
  { title: 'PROCESS', shrinks: true },
  { title: 'PID', align: 'right' },
  { title: 'HOST', shrinks: true },
  { title: 'NODE' },
  { title: 'UP', align: 'right' },
  { title: 'REQUESTS', align: 'right' },
  { title: 'HITS', align: 'right' },
  { title: 'STORE' },
]

function printProcesses(terminal: Terminal, reports: readonly ProcessReport[]): void {
  terminal.printTable(
    PROCESS_COLUMNS,
    reports.map(({ name, pid, host, node, startedAt, at, totals, store }) => [
      printable(name),
      String(pid),
      printable(host),
      printable(node),
      formatDuration(at - startedAt),
      formatCount(requestsOf(totals)),
      formatShare(totals.hits, totals.hits + totals.misses),
      stateOf(terminal, store),
    ]),
  )
}

function stateOf(terminal: Terminal, { circuit, owedEvictions }: ProcessReport['store']): string {
  if (owedEvictions > 0) return terminal.styled('red', `owes ${counted(owedEvictions, 'eviction')}`)
  return circuit === 'closed' ? 'in touch' : terminal.styled('red', 'out of touch')
}

function printReasons(terminal: Terminal, rules: readonly MergedRule[]): void {
  const reasons = rules.flatMap(({ name, reasons: ofRule }) => ofRule.map((reason) => ({ name, ...reason })))
  if (reasons.length === 0) return
  terminal.print()
  terminal.printTable(
    [
      { title: 'NOT CACHED', align: 'right' },
      { title: 'OF', shrinks: true },
      { title: 'BECAUSE', shrinks: true },
    ],
    [...reasons]
      .sort((one, other) => other.count - one.count)
      .flatMap(({ count, name, reason, mend }) => [
        [formatCount(count), printable(name), printable(reason)],
        ...(mend === null ? [] : [['', '', terminal.styled('dim', printable(mend))]]),
      ]),
  )
}
