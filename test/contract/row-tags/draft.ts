import type { Random } from '../../consistency/random.js'
import { type ColumnType, TABLES } from './schema.js'

/** A statement to try. */
export interface Tried {
  /** What sort of statement it is, for figures. */
  readonly form: string
  readonly sql: string
  readonly args: readonly unknown[]
}

const UUIDS = Array.from({ length: 4 }, (_, n) => `a000000${n}-0000-4000-8000-00000000000b`)
const TEXTS = ['none', 'none', 'red', 'red', 'Blue', 'blue', 'x=1', '', '(null)', 'ab ', 'ü*[,]']

/** Few values, so that statements meet each other's rows; each in several spellings. */
const VALUES: Readonly<Record<ColumnType, readonly unknown[]>> = {
  int2: [1, 2],
  int4: [1, 2, 3, 4, 5, 6],
  int8: [0, 1, 2],
  text: TEXTS,
  uuid: UUIDS,
  boolean: [true, false],
  status: ['open', 'done', 'held'],
  Role: ['reader', 'writer', 'owner'],
}

const TYPE_NAMES: Readonly<Record<ColumnType, string>> = {
  int2: 'int2',
  int4: 'int',
  int8: 'bigint',
  text: 'text',
  uuid: 'uuid',
  boolean: 'boolean',
  status: 'status',
  Role: 'public."Role"',
}

/** Gathers the arguments of a statement while its text is made. */
export class Draft {
  readonly args: unknown[] = []
  readonly random: Random

  constructor(random: Random) {
    this.random = random
  }

  typeOf(table: string, column: string): ColumnType {
    return TABLES[table]?.[column] ?? 'text'
  }

  /** A value of the type, as a parameter or as a constant. */
  operand(type: ColumnType): string {
    const value = this.random.oneOf(VALUES[type])
    if (this.random.chance(0.03)) return this.random.chance(0.5) ? 'NULL' : this.#cast(this.param(null), type)
    const text = this.random.chance(0.7) ? this.param(this.#spelled(value, type)) : constant(value, type)
    return this.random.chance(0.3) ? this.#cast(text, type) : text
  }

  /** An array of values, as a parameter. */
  array(type: ColumnType): string {
    const values = Array.from({ length: this.random.below(4) }, () => this.random.oneOf(VALUES[type]))
    const isEnum = type === 'status' || type === 'Role'
    return isEnum
      ? `${this.param(values)}::text[]::${TYPE_NAMES[type]}[]`
      : `${this.param(values)}::${TYPE_NAMES[type]}[]`
  }

  param(value: unknown): string {
    this.args.push(value)
    return `$${this.args.length}`
  }

  done(form: string, sql: string): Tried {
    return { form, sql, args: this.args }
  }

  #cast(text: string, type: ColumnType): string {
    const isEnum = type === 'status' || type === 'Role'
    return isEnum && this.random.chance(0.5)
      ? `CAST(${text}::text AS ${TYPE_NAMES[type]})`
      : `${text}::${TYPE_NAMES[type]}`
  }

  #spelled(value: unknown, type: ColumnType): unknown {
    if (type === 'uuid' && this.random.chance(0.2)) return String(value).toUpperCase()
    if (type === 'int4' && this.random.chance(0.2)) return String(value)
    if (type === 'int8' && this.random.chance(0.5))
      return this.random.chance(0.5) ? `0${value}` : BigInt(Number(value))
    return value
  }
}

function constant(value: unknown, type: ColumnType): string {
  if (type === 'boolean' || typeof value === 'number') return String(value)
  return `'${String(value).replaceAll("'", "''")}'`
}
