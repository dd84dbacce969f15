import { isEmail, isInt, isISO8601, ValidateBy, ValidateIf } from 'class-validator'

// Validators whose messages read well after the field's name: { field: 'amount', problem: 'must be …' }.

/** The largest value of a PostgreSQL integer. */
const MAX_ID = 2_147_483_647
const MAX_AMOUNT = 9_999_999_999.99
const ID_TEXT = /^[1-9]\d{0,9}$/
const INSTANT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/
const DAY = /^\d{4}-\d{2}-\d{2}$/

/** May be left out; `null` is not leaving out. */
export function MayBeAbsent(): PropertyDecorator {
  return ValidateIf((_object, value) => value !== undefined)
}

export function IsText(maxLength: number): PropertyDecorator {
  return rule('isText', `must be a text of 1 to ${maxLength} characters`, (value) => {
    // PostgreSQL has no place for the character NUL.
    return (
      typeof value === 'string' && value.trim() !== '' && value.length <= maxLength && !value.includes('\0')
    )
  })
}

export function IsEmailAddress(): PropertyDecorator {
  return rule('isEmailAddress', 'must be an e-mail address', (value) => isEmail(value))
}

export function IsNewPassword(): PropertyDecorator {
  return rule('isNewPassword', 'must be a text of 8 to 72 bytes', (value) => {
    // Hashing a longer one would cost more, and nobody types one.
    return typeof value === 'string' && value.length >= 8 && Buffer.byteLength(value) <= 72
  })
}

export function IsId(): PropertyDecorator {
  return rule(
    'isId',
    `must be a whole number from 1 to ${MAX_ID}`,
    (value) => isInt(value) && isId(String(value)),
  )
}

export function IsAmount(): PropertyDecorator {
  return rule('isAmount', `must be a number from 0 to ${MAX_AMOUNT} with at most two decimals`, (value) => {
    return (
      typeof value === 'number' && value >= 0 && value <= MAX_AMOUNT && value === Number(value.toFixed(2))
    )
  })
}

export function IsInstant(): PropertyDecorator {
  return rule(
    'isInstant',
    'must be a date (2026-03-31) or a time with its zone (2026-03-31T09:00:00Z)',
    isInstant,
  )
}

export function IsOneOf(values: readonly string[]): PropertyDecorator {
  return rule('isOneOf', `must be one of ${values.join(', ')}`, (value) =>
    values.some((one) => one === value),
  )
}

export function IsNoneOf(values: readonly string[]): PropertyDecorator {
  return rule('isNoneOf', `must not be ${values.join(' or ')}`, (value) => {
    return typeof value !== 'string' || !values.includes(value.trim().toUpperCase())
  })
}

/** A number in a query, which is text. Only plain digits, so that one page has one spelling and one cache key. */
export function IsCount(max: number): PropertyDecorator {
  return rule('isCount', `must be a whole number from 1 to ${max}`, (value) => {
    return typeof value === 'string' && /^[1-9]\d*$/.test(value) && Number(value) <= max
  })
}

export function IsDay(): PropertyDecorator {
  return rule('isDay', 'must be a date such as 2026-03-31', isDay)
}

export function isId(text: string): boolean {
  return ID_TEXT.test(text) && Number(text) <= MAX_ID
}

function isInstant(value: unknown): boolean {
  return typeof value === 'string' && INSTANT.test(value) && isDay(value.slice(0, 10)) && isRealTime(value)
}

function isDay(value: unknown): boolean {
  return typeof value === 'string' && DAY.test(value) && isISO8601(value, { strict: true })
}

function isRealTime(value: string): boolean {
  return !Number.isNaN(Date.parse(value))
}

function rule(name: string, problem: string, isValid: (value: unknown) => boolean): PropertyDecorator {
  return ValidateBy({ name, validator: { validate: isValid, defaultMessage: () => problem } })
}
