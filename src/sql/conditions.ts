import type { A_Expr, BoolExpr, BooleanTest, Node, NullTest } from 'libpg-query'
import { elementsOf, type FoundOperand, familyOfCast, operandOf } from './operands.js'
import { type ColumnReference, columnNamed, type Names, type Reference } from './references.js'
import { NULL, type Operand } from './statement.js'
import { operatorOf } from './syntax.js'

/** Only rows whose column has one of these values satisfy an expression. */
export interface Condition {
  readonly reference: Reference
  readonly column: string
  readonly operands: readonly Operand[]
}

/** Hears of each parameter that is compared with a column, wherever it stands. */
export type NoteParam = (param: number) => void

/** What an expression that must be true says of columns. What it says besides is left out. */
export function conditionsOf(
  expression: Node | undefined,
  names: Names,
  note: NoteParam,
): readonly Condition[] {
  const compared = new Comparisons(names, note)
  return compared.conditions(expression)
}

class Comparisons {
  readonly #names: Names
  readonly #note: NoteParam

  constructor(names: Names, note: NoteParam) {
    this.#names = names
    this.#note = note
  }

  conditions(node: Node | undefined): readonly Condition[] {
    if (node === undefined) return []
    if ('BoolExpr' in node) return this.#ofLogic(node.BoolExpr)
    if ('A_Expr' in node) return this.#ofComparison(node.A_Expr)
    if ('NullTest' in node) return this.#ofNullTest(node.NullTest)
    if ('BooleanTest' in node) return this.#ofBooleanTest(node.BooleanTest)
    return this.#ofBoolean(node, [{ literal: true }])
  }

  #ofLogic({ boolop, args = [] }: BoolExpr): readonly Condition[] {
    switch (boolop) {
      case 'AND_EXPR':
        return args.flatMap((arg) => this.conditions(arg))
      case 'OR_EXPR':
        return eitherOf(args.map((arg) => this.conditions(arg)))
      default:
        return this.#ofBoolean(args[0], [{ literal: false }])
    }
  }

  #ofComparison({ kind, name, lexpr, rexpr }: A_Expr): readonly Condition[] {
    if (operatorOf(name) !== '=') return []
    if (kind === 'AEXPR_OP') return this.#ofEquality(lexpr, rexpr)
    if (kind === 'AEXPR_OP_ANY') return this.#ofAny(lexpr, rexpr)
    if (kind !== 'AEXPR_IN' || !rexpr || !('List' in rexpr)) return []
    return eitherOf((rexpr.List.items ?? []).map((item) => this.#ofEquality(lexpr, item)))
  }

  #ofEquality(left: Node | undefined, right: Node | undefined): readonly Condition[] {
    if (left && right && 'RowExpr' in left && 'RowExpr' in right) {
      const others = right.RowExpr.args ?? []
      return (left.RowExpr.args ?? []).flatMap((arg, place) => this.#ofEquality(arg, others[place]))
    }
    return [...this.#ofValue(this.#column(left), right), ...this.#ofValue(this.#column(right), left)]
  }

  #ofValue(column: ColumnReference | undefined, value: Node | undefined): readonly Condition[] {
    return column ? this.#fixedTo(column, [operandOf(value, column.column)]) : []
  }

  #ofAny(left: Node | undefined, right: Node | undefined): readonly Condition[] {
    const column = this.#column(left)
    const elements = column && elementsOf(right, column.column)
    return column && elements ? this.#fixedTo(column, elements) : []
  }

  #fixedTo({ reference, column }: ColumnReference, found: readonly FoundOperand[]): readonly Condition[] {
    for (const operand of found) this.#noteUse(operand)
    if (found.includes('none')) return []
    // Nothing is equal to null.
    const operands = found.filter((operand): operand is Operand => operand !== 'none' && operand !== NULL)
    return [{ reference, column: column.name, operands }]
  }

  #noteUse(operand: FoundOperand): void {
    if (typeof operand !== 'object') return
    if ('param' in operand) this.#note(operand.param)
    if ('arrayParam' in operand) this.#note(operand.arrayParam)
  }

  #ofNullTest({ nulltesttype, arg }: NullTest): readonly Condition[] {
    const found = nulltesttype === 'IS_NULL' && arg && 'ColumnRef' in arg && this.#column(arg)
    return found ? [{ reference: found.reference, column: found.column.name, operands: [NULL] }] : []
  }

  #ofBooleanTest({ booltesttype, arg }: BooleanTest): readonly Condition[] {
    switch (booltesttype) {
      case 'IS_TRUE':
        return this.#ofBoolean(arg, [{ literal: true }])
      case 'IS_FALSE':
        return this.#ofBoolean(arg, [{ literal: false }])
      case 'IS_NOT_TRUE':
        return this.#ofBoolean(arg, [{ literal: false }, NULL])
      case 'IS_NOT_FALSE':
        return this.#ofBoolean(arg, [{ literal: true }, NULL])
      case 'IS_UNKNOWN':
        return this.#ofBoolean(arg, [NULL])
      default:
        return []
    }
  }

  #ofBoolean(node: Node | undefined, operands: readonly Operand[]): readonly Condition[] {
    const found = node && 'ColumnRef' in node ? this.#column(node) : undefined
    if (found?.column.family !== 'boolean') return []
    return [{ reference: found.reference, column: found.column.name, operands }]
  }

  /** A column whose values can be compared, also one that is cast to what tells the same values apart. */
  #column(node: Node | undefined): ColumnReference | undefined {
    if (node === undefined) return undefined
    if ('ColumnRef' in node) {
      const named = columnNamed(node.ColumnRef, this.#names)
      return named?.column.family === undefined ? undefined : named
    }
    if (!('TypeCast' in node)) return undefined
    const { arg, typeName } = node.TypeCast
    const found = arg && 'ColumnRef' in arg ? this.#column(arg) : undefined
    if (!found || typeName?.arrayBounds?.length) return undefined
    const family = familyOfCast(typeName, found.column)
    // Not of a text to a number: '7' and '07' are the same number.
    return family === 'text' || family === found.column.family ? found : undefined
  }
}

/** Of several, one holds: a column is fixed if each of them fixes it. */
function eitherOf(alternatives: readonly (readonly Condition[])[]): readonly Condition[] {
  const [first = [], ...others] = alternatives
  return first.flatMap((condition) => {
    const operands = others.map(
      (conditions) => conditions.find((other) => isOfSameColumn(condition, other))?.operands,
    )
    if (!operands.every((values) => values !== undefined)) return []
    return [{ ...condition, operands: [condition.operands, ...operands].flat() }]
  })
}

function isOfSameColumn(one: Condition, other: Condition): boolean {
  return one.reference === other.reference && one.column === other.column
}
