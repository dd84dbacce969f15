import type {
  CopyStmt,
  DeleteStmt,
  InsertStmt,
  MergeStmt,
  RangeVar,
  TruncateStmt,
  UpdateStmt,
} from 'libpg-query'
import { assignmentsOf, insertOf } from './assignments.js'
import { type Level, QueryAnalysis, type Rule, type Scope } from './query-analysis.js'
import type { Reference } from './references.js'
import type { Columns, Table } from './relation.js'
import { returnedOf } from './returned.js'
import type { Returned } from './statement.js'

/** Reads a statement that may write. */
export class StatementAnalysis extends QueryAnalysis {
  protected override rules(): Readonly<Record<string, Rule>> {
    return {
      ...super.rules(),
      InsertStmt: (body: InsertStmt, scope) => this.#insert(body, scope),
      UpdateStmt: (body: UpdateStmt, scope) => this.#update(body, scope),
      DeleteStmt: (body: DeleteStmt, scope) => this.#delete(body, scope),
      MergeStmt: (body: MergeStmt, scope) => this.#merge(body, scope),
      CopyStmt: (body: CopyStmt, scope) => this.#copy(body, scope),
      TruncateStmt: (body: TruncateStmt) => this.#truncate(body),
      RefreshMatViewStmt: ({ relation }: { relation?: RangeVar }) => this.writeThrough(relation),
    }
  }

  #insert(statement: InsertStmt, outer: Scope | undefined): void {
    const scope = this.with(statement.withClause, outer)
    const into = this.#target(statement.relation)
    if (into) {
      const { table, columns } = into
      const insert = insertOf(statement, columns, this.noteCompared)
      const target = referenceTo(into)
      const names = { references: [target], merged: new Set<string>() }
      const returned = returnedOf(this.#returning(statement), target, names, true)
      this.effects.writes.push({ table, kind: 'insert', insert, returned })
      // Whether a row is there already is a thing that it reads.
      if (statement.onConflictClause) this.effects.reads.push({ table, fixed: new Map() })
    }
    this.visitParts(statement, scope, 'withClause', 'relation')
  }

  #update(statement: UpdateStmt, outer: Scope | undefined): void {
    const { relation, fromClause, whereClause, targetList } = statement
    const scope = this.with(statement.withClause, outer)
    this.#change(relation, fromClause, scope, (target, references, level) => {
      this.fix(whereClause, references, level)
      const { table, fixed, columns } = target
      const set = assignmentsOf(targetList, columns, this.noteCompared)
      const returned = returnedOfChange(this.#returning(statement), target, references, level)
      this.effects.writes.push({ table, kind: 'update', fixed, set, returned })
    })
    this.visitParts(statement, scope, 'withClause', 'relation', 'fromClause')
  }

  #delete(statement: DeleteStmt, outer: Scope | undefined): void {
    const { relation, usingClause, whereClause } = statement
    const scope = this.with(statement.withClause, outer)
    this.#change(relation, usingClause, scope, (target, references, level) => {
      this.fix(whereClause, references, level)
      const { table, fixed } = target
      const returned = returnedOfChange(this.#returning(statement), target, references, level)
      this.effects.writes.push({ table, kind: 'delete', fixed, returned })
    })
    this.visitParts(statement, scope, 'withClause', 'relation', 'usingClause')
  }

  /** @param change - Not called where the target is no table. */
  #change(
    relation: RangeVar | undefined,
    others: UpdateStmt['fromClause'],
    scope: Scope | undefined,
    change: (target: Reference, references: readonly Reference[], level: Level) => void,
  ): void {
    const isTable = this.#target(relation) !== undefined
    // No name of WITH stands for what is written.
    const found = relation && this.reference(relation, undefined)
    const target = isTable ? found : undefined
    const level: Level = { merged: new Set(), hasOthers: false }
    const references = [...(target ? [target] : []), ...this.from(others, level, scope)]
    if (target) change(target, references, level)
  }

  #merge(statement: MergeStmt, outer: Scope | undefined): void {
    const scope = this.with(statement.withClause, outer)
    this.writeThrough(statement.relation)
    if (statement.relation) this.reference(statement.relation, undefined)
    this.visitParts(statement, scope, 'withClause', 'relation')
  }

  #copy(statement: CopyStmt, scope: Scope | undefined): void {
    const { relation, is_from: isFrom } = statement
    if (relation && isFrom) this.writeThrough(relation)
    else if (relation) this.reference(relation, undefined)
    this.visitParts(statement, scope, 'relation')
  }

  #truncate({ relations, behavior }: TruncateStmt): void {
    for (const node of relations ?? []) {
      const table = 'RangeVar' in node ? this.#target(node.RangeVar)?.table : undefined
      if (table)
        this.effects.writes.push({ table, kind: 'truncate', isCascading: behavior === 'DROP_CASCADE' })
    }
  }

  /** Of a statement within another, the rows are not in the result. */
  #returning(statement: UpdateStmt): UpdateStmt['returningClause'] {
    return this.isOutermost(statement) ? statement.returningClause : undefined
  }

  /** The table that is written; undefined for a view or what is unknown, whose writes are noted. */
  #target(range: RangeVar | undefined): Target | undefined {
    const relation = range && this.relation(range)
    if (relation?.kind !== 'table') {
      this.writeThrough(range)
      return undefined
    }
    const { table, columns } = relation
    return { table, columns, name: range?.alias?.aliasname ?? range?.relname ?? '' }
  }
}

interface Target {
  readonly table: Table
  readonly columns: Columns
  readonly name: string
}

function referenceTo({ table, columns, name }: Target): Reference {
  return { alias: name, schema: table.schema, table, columns, fixed: new Map(), isNullable: false }
}

function returnedOfChange(
  clause: UpdateStmt['returningClause'],
  target: Reference,
  references: readonly Reference[],
  { merged, hasOthers }: Level,
): Returned | undefined {
  return returnedOf(clause, target, { references, merged }, references.length === 1 && !hasOthers)
}
