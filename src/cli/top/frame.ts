import { counted, formatBytes, formatMs, formatRate, formatShare } from '../format.js'
import { printable } from '../printable.js'
import { type Column, tableLines } from '../table.js'
import type { Rates, RuleRates } from './rates.js'

/** By what the rules are sorted; `s` goes from each to the next. */
export const ORDERS = ['requests', 'hit rate', 'load p99', 'stored'] as const
export type Order = (typeof ORDERS)[number]

/** What one look has shown. */
export interface Look {
  readonly at: Date
  readonly place: string
  readonly processes: number
  readonly keys: number
  readonly all: Rates
  readonly rules: readonly RuleRates[]
  /** Why it shows what was there before; `null` where it does not. */
  readonly trouble: string | null
}

export interface FrameSize {
  readonly columns: number
  readonly rows: number
}

type Styled = (style: 'bold' | 'dim', text: string) => string

const COLUMNS: readonly Column[] = [
  { title: 'RULE', shrinks: true },
  { title: 'REQ/S', align: 'right' },
  { title: 'HITS', align: 'right' },
  { title: 'HIT p50', align: 'right' },
  { title: 'p99', align: 'right' },
  { title: 'LOAD p50', align: 'right' },
  { title: 'p99', align: 'right' },
  { title: 'STORED', align: 'right' },
]

/** A screen full: a head, as many rules as fit, and what the keys do. */
export function frameLines(look: Look, order: Order, size: FrameSize, styled: Styled): string[] {
  const { at, place, processes, keys, all, rules, trouble } = look
  const head = `${styled('bold', 'express-cacheable top')}  ${place}  ${counted(processes, 'process', 'processes')}, ${counted(keys, 'key')}  ${timeOf(at)}`
  const summary = `${formatRate(all.requests)} requests/s, ${formatShare(all.hits, all.hits + all.misses)} hits, ${formatRate(all.bypasses)} bypasses/s, loads p99 ${formatMs(all.loadP99Ms)} ms`
  const [titles = '', ...rows] = tableLines(COLUMNS, sorted(rules, order).map(rowOf), size.columns)
  const room = Math.max(1, size.rows - 6)
  const hidden = rows.length - room
  const keyHelp = `by ${order} · s: by ${nextOrder(order)} · q: quit${hidden > 0 ? ` · ${counted(hidden, 'rule')} more` : ''}`
  const body = rows.length > 0 ? rows.slice(0, room) : ['No process has said anything yet.']
  return [
    head,
    trouble === null ? summary : styled('bold', trouble),
    '',
    styled('dim', titles),
    ...body,
    styled('dim', keyHelp),
  ]
}

/** One line, for a pipe. */
export function lineOf({ at, processes, keys, all, trouble }: Look): string {
  if (trouble !== null) return `${at.toISOString()}  ${trouble}`
  return [
    at.toISOString(),
    counted(processes, 'process', 'processes'),
    counted(keys, 'key'),
    `${formatRate(all.requests)} requests/s`,
    `${formatShare(all.hits, all.hits + all.misses)} hits`,
    `hit p99 ${formatMs(all.hitP99Ms)} ms`,
    `load p99 ${formatMs(all.loadP99Ms)} ms`,
  ].join('  ')
}

export function nextOrder(order: Order): Order {
  return ORDERS[(ORDERS.indexOf(order) + 1) % ORDERS.length] ?? 'requests'
}

function sorted(rules: readonly RuleRates[], order: Order): RuleRates[] {
  const weight = (rule: RuleRates): number => {
    switch (order) {
      case 'hit rate':
        return rule.hits / (rule.hits + rule.misses || 1)
      case 'load p99':
        return rule.loadP99Ms ?? 0
      case 'stored':
        return rule.storedBytes
      default:
        return rule.requests
    }
  }
  return [...rules].sort((one, other) => weight(other) - weight(one) || (one.name < other.name ? -1 : 1))
}

function rowOf(rule: RuleRates): string[] {
  return [
    printable(rule.name),
    formatRate(rule.requests),
    formatShare(rule.hits, rule.hits + rule.misses),
    formatMs(rule.hitP50Ms),
    formatMs(rule.hitP99Ms),
    formatMs(rule.loadP50Ms),
    formatMs(rule.loadP99Ms),
    formatBytes(rule.storedBytes),
  ]
}

/** By the clock on the wall. */
function timeOf(at: Date): string {
  return at.toTimeString().slice(0, 8)
}
