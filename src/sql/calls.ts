import type { FuncCall, Node, VariableSetStmt } from 'libpg-query'
import { effectsOfCall, mayChangePath } from './functions.js'
import type { GatheredEffects } from './gathered-effects.js'
import type { Reference } from './references.js'
import type { Surroundings } from './surroundings.js'
import { functionName, namesOf, type QualifiedName } from './syntax.js'

/** The functions that a statement calls, by whatever notation. */
export class Calls {
  readonly #surroundings: Surroundings
  readonly #effects: GatheredEffects
  /** Names after a dot that may be a column's or a function's. */
  readonly #dotted: { readonly alias: string; readonly name: string }[] = []

  constructor(surroundings: Surroundings, effects: GatheredEffects) {
    this.#surroundings = surroundings
    this.#effects = effects
  }

  noteCall(call: FuncCall): void {
    if (mayChangePath(call)) this.#effects.changesPath = true
    this.#note(functionName(call))
  }

  noteOperator(name: readonly Node[] | undefined): void {
    const operator = namesOf(name)?.at(-1) ?? ''
    for (const called of this.#surroundings.catalogue.functionsOfOperator(operator)) {
      this.#note({ name: called, schema: undefined })
    }
  }

  noteSetting({ kind, name, args }: VariableSetStmt): void {
    if (kind !== 'VAR_RESET_ALL' && name?.toLowerCase() !== 'search_path') return
    const schemas = (args ?? []).map((node) => ('A_Const' in node ? (node.A_Const.sval?.sval ?? '') : ''))
    if (!this.#surroundings.catalogue.isPath(schemas)) this.#effects.changesPath = true
  }

  /** @param alias - What stands before the dot; empty for an expression. */
  noteDotted(alias: string, name: string | undefined): void {
    if (name === undefined || this.#surroundings.catalogue.functions(name).length === 0) return
    this.#dotted.push({ alias, name })
  }

  /** `person.fullname` calls fullname(person) where the table has no such column. */
  noteDottedCalls(references: readonly Reference[]): void {
    for (const { alias, name } of this.#dotted) {
      const isColumn = references.some(
        (reference) => reference.alias === alias && reference.columns.has(name),
      )
      if (!isColumn) this.#note({ name, schema: undefined })
    }
  }

  #note(name: QualifiedName): void {
    const call = effectsOfCall(name, this.#surroundings)
    if (call.kind === 'declared') {
      this.#effects.reads.push(...call.reads.map((table) => ({ table, fixed: new Map() })))
      this.#effects.writes.push(...call.writes.map((table) => ({ table, kind: 'any' }) as const))
    }
    if (call.kind !== 'unknown') return
    this.#effects.readsUnknown = true
    this.#effects.writesUnknown ||= call.mayWrite
    this.#effects.undeclared.push(...call.undeclared)
  }
}
