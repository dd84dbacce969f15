import type { DefElem, ExplainStmt, Node, TransactionStmt } from 'libpg-query'

/**
 * What a statement is for.
 *
 * - `query`: it reads or writes rows, and says which.
 * - `ddl`: it changes tables, or what belongs to them.
 * - `nothing`: it neither reads rows nor writes any.
 * - `fetch`: it reads rows of a cursor.
 * - `unreadable`: what it does stands elsewhere, or nobody has written down here that it does nothing.
 */
export type StatementKind =
  | 'query'
  | 'begin'
  | 'commit'
  | 'rollback'
  | 'nothing'
  | 'ddl'
  | 'fetch'
  | 'unreadable'

const QUERIES = new Set([
  'SelectStmt',
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'CopyStmt',
  'DeclareCursorStmt',
  'TruncateStmt',
  'RefreshMatViewStmt',
  'CallStmt',
])

const HARMLESS = new Set([
  'CheckPointStmt',
  'ClosePortalStmt',
  'ClusterStmt',
  'ConstraintsSetStmt',
  'DeallocateStmt',
  'DiscardStmt',
  'ListenStmt',
  'LoadStmt',
  'LockStmt',
  'NotifyStmt',
  'PrepareStmt',
  'ReindexStmt',
  'UnlistenStmt',
  'VacuumStmt',
  'VariableSetStmt',
  'VariableShowStmt',
])

const OF_DEFINITIONS =
  /^(?:Alter|Comment|Composite|Create|Define|Drop|Grant|Import|Index|Reassign|Rename|Rule|SecLabel|View)/

/** A statement's node has its type for its only key. */
export function statementKind(statement: Node): StatementKind {
  if ('TransactionStmt' in statement) return kindOfTransaction(statement.TransactionStmt)
  if ('ExplainStmt' in statement) return runs(statement.ExplainStmt) ? 'query' : 'nothing'
  if ('SelectStmt' in statement && statement.SelectStmt.intoClause) return 'ddl'
  const [type = ''] = Object.keys(statement)
  if (QUERIES.has(type)) return 'query'
  if (HARMLESS.has(type)) return 'nothing'
  if (type === 'FetchStmt') return 'fetch'
  return OF_DEFINITIONS.test(type) ? 'ddl' : 'unreadable'
}

/** Whether the session is in a new transaction once it ran: COMMIT AND CHAIN begins the next one. */
export function beginsTransaction(statement: Node): boolean {
  if (!('TransactionStmt' in statement)) return false
  return statement.TransactionStmt.chain === true || kindOfTransaction(statement.TransactionStmt) === 'begin'
}

function kindOfTransaction({ kind }: TransactionStmt): StatementKind {
  switch (kind) {
    case 'TRANS_STMT_BEGIN':
    case 'TRANS_STMT_START':
      return 'begin'
    // PREPARE TRANSACTION ends the transaction for this session. COMMIT PREPARED, which may be another session's, makes
    // others see what it wrote and does not say what that was.
    case 'TRANS_STMT_COMMIT':
    case 'TRANS_STMT_PREPARE':
      return 'commit'
    case 'TRANS_STMT_ROLLBACK':
      return 'rollback'
    case 'TRANS_STMT_COMMIT_PREPARED':
      return 'unreadable'
    // A part of the transaction undone: what it would have evicted is evicted all the same.
    default:
      return 'nothing'
  }
}

/** EXPLAIN ANALYZE runs the statement. */
function runs({ options = [] }: ExplainStmt): boolean {
  return options.some((option) => 'DefElem' in option && isOn(option.DefElem))
}

function isOn({ defname, arg }: DefElem): boolean {
  if (defname !== 'analyze') return false
  if (arg === undefined) return true
  const text =
    'String' in arg ? arg.String.sval : 'Integer' in arg ? String(arg.Integer.ival ?? 0) : undefined
  return !['off', 'false', '0', 'no', 'n', 'f'].includes(String(text).toLowerCase())
}
