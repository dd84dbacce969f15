import type {
  A_Expr,
  A_Indirection,
  ColumnRef,
  CommonTableExpr,
  FuncCall,
  JoinExpr,
  Node,
  ParamRef,
  RangeVar,
  SelectStmt,
  SubLink,
  VariableSetStmt,
  WithClause,
} from 'libpg-query'
import { Calls } from './calls.js'
import { conditionsOf } from './conditions.js'
import { GatheredEffects } from './gathered-effects.js'
import { filledBy, filteredBy, mergedColumns } from './joins.js'
import type { Names, Reference } from './references.js'
import { plainName, type Relation, type Table } from './relation.js'
import { type Effects, NULL } from './statement.js'
import type { Surroundings } from './surroundings.js'
import { namesOf } from './syntax.js'
import { undeclaredTriggers } from './undeclared.js'

/** The names that WITH has given to queries, the innermost first. */
export interface Scope {
  readonly name: string
  readonly outer: Scope | undefined
}

/** One FROM, with all its joins. */
export interface Level {
  merged: Names['merged']
  /** Something is in it that is no table. */
  hasOthers: boolean
}

// biome-ignore lint/suspicious/noExplicitAny: the parser says which node goes with which type.
export type Rule = (body: any, scope: Scope | undefined) => void

/** Reads a query from the outside to the inside. What it has no rule for, it looks into for what it knows. */
export class QueryAnalysis {
  protected readonly effects = new GatheredEffects()
  protected readonly noteCompared = (param: number) => this.effects.noteParam(param, true)
  readonly #surroundings: Surroundings
  readonly #effectsOfDefinition: (sql: string) => Effects
  readonly #references: Reference[] = []
  readonly #calls: Calls
  readonly #rules: ReadonlyMap<string, Rule>
  #outermost: unknown

  constructor(surroundings: Surroundings, effectsOfDefinition: (sql: string) => Effects) {
    this.#surroundings = surroundings
    this.#effectsOfDefinition = effectsOfDefinition
    this.#calls = new Calls(surroundings, this.effects)
    this.#rules = new Map(Object.entries(this.rules()))
  }

  of(statement: Node): Effects {
    this.#outermost = Object.values(statement)[0]
    this.visit(statement, undefined)
    this.#calls.noteDottedCalls(this.#references)
    return this.effects
  }

  /** By the type of a node, or the name of a field whose node has no type. */
  protected rules(): Readonly<Record<string, Rule>> {
    const call: Rule = (body: FuncCall, scope) => {
      this.#calls.noteCall(body)
      this.visitParts(body, scope, 'funcname')
    }
    const operator = (body: object, name: readonly Node[] | undefined, scope: Scope | undefined) => {
      this.#calls.noteOperator(name)
      this.visitParts(body, scope, 'name', 'operName')
    }
    return {
      SelectStmt: (body: SelectStmt, scope) => this.select(body, scope),
      VariableSetStmt: (body: VariableSetStmt) => this.#calls.noteSetting(body),
      // A table where no rule expects one.
      RangeVar: (body: RangeVar, scope) => void this.reference(body, scope),
      FuncCall: call,
      funccall: call,
      A_Expr: (body: A_Expr, scope) => operator(body, body.name, scope),
      SubLink: (body: SubLink, scope) => operator(body, body.operName, scope),
      ColumnRef: ({ fields }: ColumnRef) => {
        const [alias = '', name] = namesOf(fields)?.slice(-2) ?? []
        this.#calls.noteDotted(alias, name)
      },
      A_Indirection: (body: A_Indirection, scope) => {
        for (const name of body.indirection ?? []) this.#calls.noteDotted('', namesOf([name])?.[0])
        this.visitParts(body, scope)
      },
      ParamRef: ({ number = 0 }: ParamRef) => this.effects.noteParam(number - 1, false),
      // Names of tables in FROM.
      lockingClause: () => {},
    }
  }

  protected visit(value: unknown, scope: Scope | undefined): void {
    if (typeof value !== 'object' || value === null) return
    for (const [type, body] of Object.entries(value)) {
      const rule = this.#rules.get(type)
      if (rule) rule(body, scope)
      else this.visit(body, scope)
    }
  }

  /** Whether the rows of the result are those that this statement returns. */
  protected isOutermost(statement: object): boolean {
    return statement === this.#outermost
  }

  /** @param done - Fields that have been looked at. */
  protected visitParts(node: object, scope: Scope | undefined, ...done: readonly string[]): void {
    const parts = Object.entries(node).filter(([field]) => !done.includes(field))
    this.visit(Object.fromEntries(parts), scope)
  }

  protected with(clause: WithClause | undefined, outer: Scope | undefined): Scope | undefined {
    const queries = (clause?.ctes ?? []).flatMap((node) =>
      'CommonTableExpr' in node ? [node.CommonTableExpr] : [],
    )
    const named = (scope: Scope | undefined, { ctename = '' }: CommonTableExpr) => ({
      name: ctename,
      outer: scope,
    })
    const all = queries.reduce(named, outer)
    let before = outer
    for (const query of queries) {
      this.visit(query.ctequery, clause?.recursive ? all : before)
      before = named(before, query)
    }
    return all
  }

  protected select(statement: SelectStmt, outer: Scope | undefined): void {
    const scope = this.with(statement.withClause, outer)
    if (statement.larg) this.select(statement.larg, scope)
    if (statement.rarg) this.select(statement.rarg, scope)
    const level: Level = { merged: new Set(), hasOthers: false }
    const references = this.from(statement.fromClause, level, scope)
    this.fix(statement.whereClause, references, level)
    this.visitParts(statement, scope, 'withClause', 'larg', 'rarg', 'fromClause')
  }

  protected from(
    items: readonly Node[] | undefined,
    level: Level,
    scope: Scope | undefined,
  ): readonly Reference[] {
    return (items ?? []).flatMap((item) => this.#fromItem(item, level, scope))
  }

  /** What the condition says of each table whose rows do not matter if they do not satisfy it. */
  protected fix(
    condition: Node | undefined,
    references: readonly Reference[],
    { merged }: Level,
    filtered = references,
  ): void {
    for (const { reference, column, operands } of conditionsOf(
      condition,
      { references, merged },
      this.noteCompared,
    )) {
      if (!filtered.includes(reference)) continue
      // A row that is not there gives nulls too.
      if (reference.isNullable && operands.includes(NULL)) continue
      const known = reference.fixed.get(column)
      if (!known || operands.length < known.length) reference.fixed.set(column, operands)
    }
  }

  /** The table that a name in FROM stands for, noted as read; undefined for a view, a query, or what is unknown. */
  protected reference(range: RangeVar, scope: Scope | undefined): Reference | undefined {
    const { schemaname, relname = '' } = range
    if (schemaname === undefined && isNamed(relname, scope)) return undefined
    const relation = this.relation(range)
    if (relation?.kind === 'table') return this.#referenceTo(relation, range)
    if (relation) this.effects.add(this.#effectsOfDefinition(relation.definition))
    else this.effects.readsUnknown = true
    return undefined
  }

  protected relation({ relname = '', schemaname }: RangeVar): Relation | undefined {
    return this.#surroundings.catalogue.relation(relname, schemaname)
  }

  protected writeAnyRow(table: Table): void {
    this.effects.writes.push({ table, kind: 'any' })
  }

  /** Of a view, each of its tables may be written; of what is unknown, anything. */
  protected writeThrough(range: RangeVar | undefined): void {
    const relation = range && this.relation(range)
    if (relation?.kind === 'table') this.writeAnyRow(relation.table)
    else if (relation) this.#writeView(relation)
    else this.effects.writesUnknown = true
  }

  #writeView(relation: Relation & { kind: 'view' }): void {
    const { reads, readsUnknown } = this.#effectsOfDefinition(relation.definition)
    for (const { table } of reads) this.writeAnyRow(table)
    this.effects.writesUnknown ||= readsUnknown
    if (relation.triggers.length > 0) this.#runTriggers(plainName(relation))
  }

  #runTriggers(view: string): void {
    const written = this.#surroundings.triggers.get(view)
    for (const table of written ?? []) this.writeAnyRow(table)
    if (written) return
    this.effects.writesUnknown = true
    this.effects.undeclared.push(undeclaredTriggers(view))
  }

  #referenceTo(
    relation: Relation & { kind: 'table' },
    { schemaname, relname = '', alias }: RangeVar,
  ): Reference {
    const { table } = relation
    const reference = {
      alias: alias?.aliasname ?? relname,
      schema: alias ? undefined : (schemaname ?? table.schema),
      table,
      columns: alias?.colnames ? new Map() : relation.columns,
      fixed: new Map(),
      isNullable: false,
    }
    this.#references.push(reference)
    this.effects.reads.push(reference)
    for (const policy of table.policies) {
      this.effects.add(this.#effectsOfDefinition(`SELECT WHERE ${policy}`))
    }
    return reference
  }

  #fromItem(item: Node, level: Level, scope: Scope | undefined): readonly Reference[] {
    if ('JoinExpr' in item) return this.#join(item.JoinExpr, level, scope)
    const reference = 'RangeVar' in item ? this.reference(item.RangeVar, scope) : undefined
    if (reference) return [reference]
    level.hasOthers = true
    if (!('RangeVar' in item)) this.visit(item, scope)
    return []
  }

  #join(join: JoinExpr, level: Level, scope: Scope | undefined): readonly Reference[] {
    const left = this.from(join.larg && [join.larg], level, scope)
    const right = this.from(join.rarg && [join.rarg], level, scope)
    level.merged = mergedColumns(join, level.merged)
    const both = [...left, ...right]
    this.fix(join.quals, both, level, filteredBy(join, left, right))
    this.visit(join.quals, scope)
    for (const reference of filledBy(join, left, right)) reference.isNullable = true
    if (!join.alias) return both
    // Its alias hides the names within it.
    level.hasOthers = true
    return []
  }
}

function isNamed(name: string, scope: Scope | undefined): boolean {
  for (let named = scope; named; named = named.outer) if (named.name === name) return true
  return false
}
