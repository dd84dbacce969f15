import { plainName } from '#src/sql/relation.js'
import {
  type Assigned,
  type Assignments,
  type Effects,
  type Fixed,
  NULL,
  type Operand,
  type TableWrite,
} from '#src/sql/statement.js'

/** What a statement reads, such as `tasks(user_id=$1|$2)`. */
export function readsAsText({ reads, readsUnknown }: Effects): string {
  const tables = reads.map(({ table, fixed }) => `${plainName(table)}${fixedAsText(fixed)}`)
  return [...tables, ...(readsUnknown ? ['?'] : [])].join(' ')
}

/** What it writes, such as `update tasks(id=$1) set status=$2 returned id`. */
export function writesAsText({ writes, writesUnknown }: Effects): string {
  return [...writes.map(writeAsText), ...(writesUnknown ? ['?'] : [])].join('; ')
}

function writeAsText(write: TableWrite): string {
  const name = plainName(write.table)
  const returned = 'returned' in write && write.returned ? ` returned ${returnedAsText(write.returned)}` : ''
  switch (write.kind) {
    case 'insert': {
      const { rows, update } = write.insert
      const values = rows ? rows.map((row) => `(${assignmentsAsText(row)})`).join(' ') : 'some'
      const conflict = update ? ` at ${update.columns.join()} set ${assignmentsAsText(update.set)}` : ''
      return `insert ${name} ${values}${conflict}${returned}`
    }
    case 'update':
      return `update ${name}${fixedAsText(write.fixed)} set ${assignmentsAsText(write.set)}${returned}`
    case 'delete':
      return `delete ${name}${fixedAsText(write.fixed)}${returned}`
    case 'truncate':
      return `truncate ${name}${write.isCascading ? ' cascade' : ''}`
    default:
      return `any ${name}`
  }
}

function fixedAsText(fixed: Fixed): string {
  if (fixed.size === 0) return ''
  const columns = [...fixed].map(([column, operands]) => `${column}=${operands.map(operandAsText).join('|')}`)
  return `(${columns.sort().join(',')})`
}

function assignmentsAsText(assignments: Assignments): string {
  return [...assignments].map(([column, assigned]) => `${column}=${assignedAsText(assigned)}`).join()
}

function assignedAsText(assigned: Assigned): string {
  if (assigned === undefined) return '?'
  return 'excluded' in assigned ? `excluded.${assigned.excluded}` : operandAsText(assigned.operand)
}

function operandAsText(operand: Operand): string {
  if (operand === NULL) return 'null'
  if ('literal' in operand) return String(operand.literal)
  return 'param' in operand ? `$${operand.param + 1}` : `$${operand.arrayParam + 1}[]`
}

function returnedAsText(returned: ReadonlyMap<string, string>): string {
  return [...returned].map(([column, name]) => (column === name ? column : `${column}:${name}`)).join()
}
