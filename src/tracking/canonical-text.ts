import { createHash } from 'node:crypto'
import { escapeText } from '../keys/escape-value.js'
import type { Column } from '../sql/relation.js'

/** No escaped text has parentheses. */
export const NULL_TEXT = '(null)'

/** Two of them stand in a tag, beside names; no tag may have over 1,024 bytes. */
const LONGEST_TEXT = 100
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
/** No character of it is escaped. */
const PLAIN = /^[A-Za-z0-9._~@-]*$/
const INTEGER = /^[+-]?\d{1,30}$/
/** A double has them exactly, whatever the type of the parameter. */
const SAFE_DIGITS = 15

/**
 * One spelling, as it stands in tags, of all values that PostgreSQL takes for the same in a column: drivers give and take
 * numbers as numbers, bigints or texts. undefined for what is not certainly such a value.
 *
 * @param isLoose - The value may have been compared as one of another type.
 */
export function canonicalText(value: unknown, column: Column, isLoose = false): string | undefined {
  if (value === null || value === undefined) return NULL_TEXT
  switch (column.family) {
    case 'integer':
      return integerText(value, isLoose)
    case 'text':
    case 'enum':
      return isLoose && column.family === 'text' ? undefined : plainText(value)
    case 'uuid':
      return typeof value === 'string' && UUID.test(value) ? value.toLowerCase() : undefined
    case 'boolean':
      return booleanText(value)
    default:
      return undefined
  }
}

/** The same of a value that is written: PostgreSQL drops blanks that are too many for the column. */
export function canonicalWritten(value: unknown, column: Column, isLoose = false): string | undefined {
  if (column.isLimited && typeof value === 'string' && value.endsWith(' ')) return undefined
  return canonicalText(value, column, isLoose)
}

function integerText(value: unknown, isLoose: boolean): string | undefined {
  if (Number.isSafeInteger(value) && !isLoose) return String(value)
  if (typeof value !== 'number' && typeof value !== 'bigint' && typeof value !== 'string') return undefined
  const text = String(value)
  if (!INTEGER.test(text) || (isLoose && text.length > SAFE_DIGITS)) return undefined
  return isCanonical(text) ? text : String(BigInt(text.replace(/^\+/, '')))
}

function isCanonical(text: string): boolean {
  return /^(?:0|-?[1-9]\d*)$/.test(text)
}

function plainText(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') {
    return escapeText(String(value))
  }
  if (typeof value !== 'string') return undefined
  if (value.length <= LONGEST_TEXT && PLAIN.test(value)) return value
  // What drivers send in place of half a character.
  const whole = /\p{Surrogate}/u.test(value) ? Buffer.from(value).toString() : value
  const text = whole.length > LONGEST_TEXT ? undefined : escapeText(whole)
  if (text !== undefined && text.length <= LONGEST_TEXT) return text
  return `(${createHash('sha256').update(whole).digest('base64url')})`
}

function booleanText(value: unknown): string | undefined {
  if (value === true || value === 'true' || value === 't') return 'true'
  return value === false || value === 'false' || value === 'f' ? 'false' : undefined
}
