import { type Cell, nameOf } from './cell.js'
import type { Outcome } from './run-cell.js'

export interface Row {
  readonly cell: Cell
  /** What went wrong with the run itself, if that did. */
  readonly outcome: Outcome | Error
}

/** The rows as a table in Markdown. */
export function tableOf(rows: readonly Row[]): string {
  const head = ['while', 'the writer', 'processes', 'runs', 'answers', 'hits', 'old answers', 'old for']
  return [head, head.map(() => '---'), ...rows.map(fieldsOf)]
    .map((fields) => `| ${fields.join(' | ')} |`)
    .join('\n')
}

function fieldsOf({ cell, outcome }: Row): readonly string[] {
  const { fault, death, hasNoticed, crashSafe, processes } = cell
  const writer = [
    hasNoticed ? 'has noticed' : '',
    death === 'never' ? 'goes on' : `dies ${death}`,
    crashSafe ? '`crashSafe`' : '',
  ]
  const fields = [fault.name, writer.filter((word) => word !== '').join(', '), String(processes)]
  if (outcome instanceof Error)
    return [...fields, ...['–', '–', '–', '–'], outcome.message.split('\n')[0] ?? '']
  const { runs, judged, hits, old, oldForMs, isPromised, mayBeOldForMs } = outcome
  const note = isPromised ? '' : ' (not promised)'
  const bound = mayBeOldForMs > 0 ? ` of ${mayBeOldForMs.toLocaleString('en')}` : ''
  return [
    ...fields,
    ...[runs, judged, hits].map((count) => count.toLocaleString('en')),
    `${old.toLocaleString('en')}${old > 0 ? note : ''}`,
    old > 0 ? `${oldForMs.toLocaleString('en')} ms${bound}` : '',
  ]
}

export function lineOf({ cell, outcome }: Row): string {
  if (outcome instanceof Error) return `${nameOf(cell)}: ${outcome.message}`
  const { old, oldForMs, hits, judged, failed, runs } = outcome
  const what = old === 0 ? 'none old' : `${old} old in ${failed} of ${runs} runs, for ${oldForMs} ms`
  return `${nameOf(cell)}: ${judged} answers, ${hits} hits, ${what}`
}
