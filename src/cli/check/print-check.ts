import { counted, formatDuration } from '../format.js'
import { printable } from '../printable.js'
import type { Terminal } from '../terminal.js'
import { wrapped } from '../wrapped.js'
import type { CheckedCache } from './checked-cache.js'
import type { Finding } from './findings.js'

const NOTHING = 'nothing'
const KINDS: Readonly<Record<Finding['kind'], readonly [one: string, several: string]>> = {
  mistake: ['mistake', 'mistakes'],
  warning: ['warning', 'warnings'],
  unevicted: ['read that nothing evicts', 'reads that nothing evicts'],
  idle: ['write that evicts nothing', 'writes that evict nothing'],
}
const LABELS: Readonly<Record<Finding['kind'], string>> = {
  mistake: 'mistake',
  warning: 'warning',
  unevicted: 'never evicted',
  idle: 'evicts nothing',
}

/** Which write removes what. */
export function printMap(terminal: Terminal, cache: CheckedCache, isNamed: boolean): void {
  const { map, ttls, keyPrefix, store } = cache
  if (isNamed) {
    terminal.print(
      terminal.styled('bold', `Cache in ${store === 'redis' ? 'Redis' : 'memory'}, prefix '${keyPrefix}'`),
    )
    terminal.print()
  }
  if (map.reads.length === 0 && map.writes.length === 0) terminal.print('It has no rules.')
  if (map.reads.length > 0) {
    terminal.printTable(
      [
        { title: 'READ', shrinks: true },
        { title: 'KEY', shrinks: true },
        { title: 'TTL' },
        { title: 'EVICTED BY', shrinks: true },
      ],
      map.reads.flatMap(({ name, template }) => {
        const writes = [...new Set(map.edges.filter(({ read }) => read === name).map(({ write }) => write))]
        const first = [printable(name), printable(template), formatDuration(ttls.get(name) ?? 0)]
        return withList(
          first,
          writes.length > 0 ? writes.map(printable) : [terminal.styled('yellow', NOTHING)],
        )
      }),
    )
    terminal.print()
  }
  if (map.writes.length > 0) {
    terminal.printTable(
      [
        { title: 'WRITE', shrinks: true },
        { title: 'BY', shrinks: true },
        { title: 'EVICTS', shrinks: true },
      ],
      map.writes.flatMap(({ name, event }) => {
        const edges = map.edges.filter(({ write }) => write === name)
        const label = printable(event ? `${name} on ${event}` : name)
        if (edges.length === 0) return [[label, '', terminal.styled('yellow', NOTHING)]]
        return edges.map(({ by, read }, index) => [index === 0 ? label : '', printable(by), printable(read)])
      }),
    )
    terminal.print()
  }
}

/** What is wrong, each with its mend, and a last line that sums it up. */
export function printFindings(terminal: Terminal, findings: readonly Finding[], allowed: number): void {
  const width = Math.min(terminal.columns ?? 100, 100) - 2
  for (const finding of findings) {
    const style = finding.kind === 'mistake' ? 'red' : 'yellow'
    terminal.print(
      terminal.styled(style, LABELS[finding.kind]) + (finding.kind === 'mistake' ? '' : suffix(finding)),
    )
    for (const line of wrapped(printable(finding.problem), width)) terminal.print(`  ${line}`)
    for (const line of finding.mend ? wrapped(printable(finding.mend), width) : []) {
      terminal.print(`  ${terminal.styled('dim', line)}`)
    }
    terminal.print()
  }
  const kinds = Object.entries(KINDS).flatMap(([kind, [one, several]]) => {
    const count = findings.filter((finding) => finding.kind === kind).length
    return count > 0 ? [counted(count, one, several)] : []
  })
  const meant = allowed > 0 ? ` (${counted(allowed, 'finding')} allowed)` : ''
  if (findings.length === 0) terminal.print(`${terminal.styled('green', 'Nothing is wrong')}${meant}.`)
  else terminal.print(`${terminal.styled('bold', `Found ${kinds.join(', ')}`)}${meant}.`)
}

function suffix({ where }: Finding): string {
  return where === null ? '' : `  ${printable(where)}`
}

/** A row, and one below it for each further element. */
function withList(first: readonly string[], list: readonly string[]): string[][] {
  return list.map((element, index) => [...(index === 0 ? first : first.map(() => '')), element])
}
