import type { TestDefinition } from './definitions.js'
import type { SuiteRun, TestResult } from './run-tests.js'
import { isProhibition, isRequired } from './surprises.js'

const COLUMNS: readonly [title: string, counts: (test: TestDefinition) => boolean][] = [
  ['must not be stored or reused', isProhibition],
  ['other required', (test) => isRequired(test) && !isProhibition(test)],
  ['optimal', ({ kind }) => kind === 'optimal'],
  ['asked, yes', ({ kind }) => kind === 'check'],
]

/** Passed of all by suite, as a table for `docs/reference/http.md`. */
export function resultTable(runs: readonly SuiteRun[]): string {
  const rows = runs.map(({ suite, results }) => [
    suite.name,
    ...COLUMNS.map(([, counts]) => tally(results, counts)),
  ])
  const all = runs.flatMap(({ results }) => results)
  const head = ['suite', ...COLUMNS.map(([title]) => title)]
  const rule = ['---', ...COLUMNS.map(() => '---:')]
  const sum = ['**all**', ...COLUMNS.map(([, counts]) => `**${tally(all, counts)}**`)]
  return [head, rule, ...rows, sum].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function tally(results: readonly TestResult[], counts: (test: TestDefinition) => boolean): string {
  const counted = results.filter(({ test }) => counts(test))
  const passed = counted.filter(({ failure }) => failure === null)
  return counted.length === 0 ? '' : `${passed.length}/${counted.length}`
}
