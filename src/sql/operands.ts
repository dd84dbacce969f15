import type { A_Const, Node, TypeName } from 'libpg-query'
import { type Column, type ColumnFamily, FAMILIES } from './relation.js'
import { NULL, type Operand } from './statement.js'
import { plainType } from './syntax.js'

/** A value, and the parameter it is of, if any: who takes it counts its uses. */
export type FoundOperand = Operand | 'none'

/**
 * The value that an expression is, if it is a parameter or a constant that PostgreSQL compares with a column by nothing
 * but its text. A cast may stand about it: to text, or to what the column is.
 */
export function operandOf(node: Node | undefined, column: Column): FoundOperand {
  const bare = withoutCasts(node, column, false)
  if (bare === undefined) return 'none'
  if ('ParamRef' in bare) return bare.ParamRef.number ? { param: bare.ParamRef.number - 1 } : 'none'
  return 'A_Const' in bare ? constantOf(bare.A_Const) : 'none'
}

/** The values of an array that an expression is; undefined if it is none that can be read. */
export function elementsOf(node: Node | undefined, column: Column): readonly FoundOperand[] | undefined {
  const bare = withoutCasts(node, column, true)
  if (bare === undefined) return undefined
  if ('ParamRef' in bare) return bare.ParamRef.number ? [{ arrayParam: bare.ParamRef.number - 1 }] : undefined
  if (!('A_ArrayExpr' in bare)) return undefined
  return (bare.A_ArrayExpr.elements ?? []).map((element) => operandOf(element, column))
}

/** The family that a cast to this type leaves; undefined where it may change which values are equal. */
export function familyOfCast(typeName: TypeName | undefined, column: Column): ColumnFamily | undefined {
  const type = typeName && plainType(typeName)
  if (!type) return undefined
  const { name, schema } = type
  if (schema === undefined || schema === 'pg_catalog') {
    const family = FAMILIES.get(name)
    if (family) return family
  }
  const isOfColumn =
    schema === undefined ? column.enumType?.endsWith(`.${name}`) : column.enumType === `${schema}.${name}`
  return isOfColumn ? 'enum' : undefined
}

function withoutCasts(node: Node | undefined, column: Column, isArray: boolean): Node | undefined {
  let bare = node
  while (bare && 'TypeCast' in bare) {
    const { typeName, arg }: { typeName?: TypeName; arg?: Node } = bare.TypeCast
    const bounds = typeName?.arrayBounds?.length ?? 0
    if (bounds !== (isArray ? 1 : 0)) return undefined
    const family = familyOfCast(typeName, column)
    if (family !== 'text' && family !== column.family) return undefined
    bare = arg
  }
  return bare
}

function constantOf({ isnull, sval, ival, fval, boolval }: A_Const): FoundOperand {
  if (isnull) return NULL
  // The parser leaves out what is empty, zero or false.
  if (sval) return { literal: sval.sval ?? '' }
  if (ival) return { literal: String(ival.ival ?? 0) }
  if (boolval) return { literal: boolval.boolval ?? false }
  // A whole number that is too long for an integer is a float to the parser.
  return fval?.fval && /^\d+$/.test(fval.fval) ? { literal: fval.fval } : 'none'
}
