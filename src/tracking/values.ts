import type { Column } from '../sql/relation.js'
import { NULL, type Operand } from '../sql/statement.js'
import { canonicalText, canonicalWritten, NULL_TEXT } from './canonical-text.js'

/** The arguments of a statement, and which of its parameters may have another type than the column beside them. */
export interface Arguments {
  readonly args: readonly unknown[]
  readonly looseParams: ReadonlySet<number>
}

/** What a row's columns may be, as texts; a column that is not among them may be anything. */
export type Image = ReadonlyMap<string, readonly string[]>

/** The texts of the values that a column is compared with; undefined if one of them has none. Nothing equals null. */
export function comparedTexts(
  operands: readonly Operand[],
  column: Column,
  given: Arguments,
): readonly string[] | undefined {
  const [only] = operands
  // Of most conditions, on the way of every query.
  if (operands.length === 1 && typeof only === 'object' && !('arrayParam' in only))
    return textsOf(only, column, given)
  const texts = new Set<string>()
  for (const operand of operands) {
    const found = operand === NULL ? [NULL_TEXT] : textsOf(operand, column, given)
    if (found === undefined) return undefined
    for (const text of found) texts.add(text)
  }
  return [...texts]
}

/** The text of a value that a column is set to. */
export function writtenText(operand: Operand, column: Column, given: Arguments): string | undefined {
  if (operand === NULL) return NULL_TEXT
  if ('literal' in operand) return canonicalWritten(operand.literal, column)
  if (!('param' in operand) || operand.param >= given.args.length) return undefined
  return canonicalWritten(given.args[operand.param], column, given.looseParams.has(operand.param))
}

function textsOf(
  operand: Exclude<Operand, typeof NULL>,
  column: Column,
  { args, looseParams }: Arguments,
): readonly string[] | undefined {
  if ('literal' in operand) return oneText(canonicalText(operand.literal, column))
  const param = 'param' in operand ? operand.param : operand.arrayParam
  // Whoever asks has not got it.
  if (param >= args.length) return undefined
  const value = args[param]
  if (value === null || value === undefined) return []
  if ('param' in operand) return oneText(canonicalText(value, column, looseParams.has(param)))
  return Array.isArray(value) ? textsOfElements(value, column, looseParams.has(param)) : undefined
}

function textsOfElements(
  values: readonly unknown[],
  column: Column,
  isLoose: boolean,
): readonly string[] | undefined {
  const texts = values
    .filter((value) => value !== null && value !== undefined)
    .map((value) => canonicalText(value, column, isLoose))
  return texts.every((text) => text !== undefined) ? texts : undefined
}

function oneText(text: string | undefined): readonly string[] | undefined {
  return text === undefined ? undefined : [text]
}
