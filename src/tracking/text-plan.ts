import type { Node } from 'libpg-query'
import { ALL_TABLES, tagsOfTable } from '../dependencies/table-tags.js'
import type { Analyser } from '../sql/analyser.js'
import type { Effects } from '../sql/statement.js'
import { beginsTransaction, type StatementKind, statementKind } from '../sql/statement-kind.js'
import { TableReadPlan } from './read-groups.js'
import type { TrackedTables } from './tracked-table.js'

/**
 * What a text is to whoever runs it.
 *
 * - `read`: it reads rows and writes none.
 * - `write`: it writes, and may read too.
 * - `begin`, `commit`, `rollback`: the transaction is another one after it.
 * - `ddl`: it changes tables. The catalogue has to be read again.
 * - `nothing`: it has to do with no rows.
 */
export type TextKind = 'read' | 'write' | 'begin' | 'commit' | 'rollback' | 'ddl' | 'nothing'

/** What is known of a text before its arguments are. */
export interface TextPlan {
  readonly kind: TextKind
  readonly beginsTransaction: boolean
  readonly reads: readonly TableReadPlan[]
  /** What all entries carry that have read these tables, whichever rows. */
  readonly tablesRead: readonly string[]
  readonly readsUnknown: boolean
  readonly writesUnknown: boolean
  /** The rows of the result are those of its only statement. */
  readonly isSingle: boolean
  readonly effects: readonly Effects[]
}

/** Of a text that nobody can read. */
const UNREADABLE: TextPlan = {
  kind: 'write',
  beginsTransaction: false,
  reads: [],
  tablesRead: [ALL_TABLES],
  readsUnknown: true,
  writesUnknown: true,
  isSingle: true,
  effects: [],
}

/** @param statements - Those of the text; undefined if it cannot be read. */
export function planOf(
  statements: readonly Node[] | undefined,
  analyser: Analyser,
  tables: TrackedTables,
): TextPlan {
  if (!statements) return UNREADABLE
  const kinds = statements.map(statementKind)
  const effects = statements.filter(isAnalysed).map((statement) => analyser.effectsOf(statement))
  const reads = effects.flatMap((each) => each.reads)
  const writesUnknown =
    effects.some((each) => each.writesUnknown) || kinds.includes('unreadable') || kinds.includes('ddl')
  const content = {
    writes: writesUnknown || effects.some(({ writes }) => writes.length > 0),
    reads: reads.length > 0 || kinds.includes('query') || kinds.includes('fetch'),
  }
  const readsUnknown =
    effects.some((each) => each.readsUnknown) || kinds.includes('unreadable') || kinds.includes('fetch')
  return {
    kind: kindOfTransaction(kinds) ?? kindOfContent(kinds, content),
    beginsTransaction:
      statements
        .filter((_, place) => isBoundary(kinds[place]))
        .map(beginsTransaction)
        .at(-1) ?? false,
    reads: reads.map((read) => new TableReadPlan(tables.get(read.table), read)),
    tablesRead: tagsOfTables(
      reads.map(({ table }) => tables.get(table).name),
      readsUnknown,
    ),
    readsUnknown,
    writesUnknown,
    isSingle: statements.length === 1,
    effects,
  }
}

function tagsOfTables(names: readonly string[], isUnknown: boolean): readonly string[] {
  if (names.length === 0 && !isUnknown) return []
  return [...new Set([ALL_TABLES, ...names.flatMap(tagsOfTable)])]
}

function isAnalysed(statement: Node): boolean {
  return statementKind(statement) === 'query' || 'VariableSetStmt' in statement
}

function isBoundary(kind: StatementKind | undefined): boolean {
  return kind === 'begin' || kind === 'commit' || kind === 'rollback'
}

/** undefined for a text that leaves the session as it was, such as one that begins and commits a transaction itself. */
function kindOfTransaction(kinds: readonly StatementKind[]): TextKind | undefined {
  const boundaries = kinds.filter(isBoundary)
  if (boundaries[0] === 'commit') return 'commit'
  if (boundaries[0] === 'rollback') return boundaries.includes('commit') ? 'commit' : 'rollback'
  return boundaries.at(-1) === 'begin' ? 'begin' : undefined
}

function kindOfContent(
  kinds: readonly StatementKind[],
  { reads, writes }: { readonly reads: boolean; readonly writes: boolean },
): TextKind {
  if (kinds.includes('ddl')) return 'ddl'
  if (writes) return 'write'
  return reads ? 'read' : 'nothing'
}
