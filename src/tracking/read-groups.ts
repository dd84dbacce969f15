import type { Operand, TableRead } from '../sql/statement.js'
import { choicesOf, type Shape, tagsOfGroup } from './shapes.js'
import type { TrackedTable } from './tracked-table.js'
import { type Arguments, comparedTexts } from './values.js'

/** A read that names more is one of the table. */
const MOST_GROUPS = 20

/** Rows of a table that an answer was made from. */
export interface ReadGroup {
  readonly table: string
  /** Those of this group alone: each entry that reads the table carries `tagsOfTableRead` of some as well. */
  readonly tags: readonly string[]
}

/** Which rows a statement reads of one table, found once for all its arguments. */
export class TableReadPlan {
  readonly #table: TrackedTable
  /** The first shape whose values can be said is the one. */
  readonly #candidates: readonly {
    readonly shape: Shape
    readonly operands: readonly (readonly Operand[])[]
  }[]

  constructor(table: TrackedTable, { fixed }: TableRead) {
    this.#table = table
    this.#candidates = table.shapes.flatMap((shape) => {
      const operands = shape.columns.map(({ name }) => fixed.get(name))
      return operands.every((values) => values !== undefined) ? [{ shape, operands }] : []
    })
  }

  get table(): string {
    return this.#table.name
  }

  groups(given: Arguments): readonly ReadGroup[] {
    const table = this.#table.name
    for (const { shape, operands } of this.#candidates) {
      const choices = this.#choices(shape, operands, given)
      // No row has the value null, and the table is read all the same.
      if (choices?.length === 0) return [{ table, tags: [] }]
      if (choices) return choices.map((values) => ({ table, tags: tagsOfGroup(shape, values) }))
    }
    return [{ table, tags: [`${table}[]`] }]
  }

  #choices(
    { columns }: Shape,
    operands: readonly (readonly Operand[])[],
    given: Arguments,
  ): readonly (readonly string[])[] | undefined {
    const lists: (readonly string[])[] = []
    let count = 1
    for (const [place, column] of columns.entries()) {
      const texts = comparedTexts(operands[place] ?? [], column, given)
      if (texts === undefined) return undefined
      count *= texts.length
      if (count > MOST_GROUPS) return undefined
      lists.push(texts)
    }
    return choicesOf(lists)
  }
}
