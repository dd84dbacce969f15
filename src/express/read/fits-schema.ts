import { unpacked } from '../../http/at-rest.js'
import { parsedJson, type Representation } from '../../http/representation.js'
import { onceKnown } from '../../tools/once-known.js'
import { evaluateOption } from '../evaluate-option.js'
import type { CacheRequest } from './cache-request.js'
import type { DecodedReading } from './decode-reading.js'

/** What has been found of stored answers, each decoded once for as long as its bytes stay the same. */
const FOUND = new WeakMap<object, WeakMap<Representation, boolean>>()

/**
 * Whether a stored JSON answer is what the rule's schema says. What is not JSON has no schema, and an answer with a
 * status that the rule declares beside 200 has another shape. At once, unless the body has to be unpacked.
 */
export function fitsSchema(
  { rule, context }: CacheRequest,
  answer: Representation,
): boolean | Promise<boolean> {
  const { schema } = rule
  if (!schema || answer.status !== 200) return true
  const known = FOUND.get(schema) ?? new WeakMap<Representation, boolean>()
  FOUND.set(schema, known)
  const found = known.get(answer)
  if (found !== undefined) return found
  const plain = answer.encoding === undefined ? answer : unpacked(answer, context.maxBodyBytes)
  return onceKnown(plain, (one) => {
    const fits = one !== null && evaluateOption(context.emit, rule, 'schema', () => isMet(schema, one), false)
    known.set(answer, fits)
    return fits
  })
}

/** The reading without an answer that does not fit; `null` if there is nothing left of it. */
export function fittingReading(
  request: CacheRequest,
  reading: DecodedReading | null,
): DecodedReading | null | Promise<DecodedReading | null> {
  if (reading?.kind === 'hit' || reading?.kind === 'stale') {
    return onceKnown(fitsSchema(request, reading.answer), (fits) => (fits ? reading : null))
  }
  if (reading?.kind !== 'load' || !reading.stale) return reading
  return onceKnown(fitsSchema(request, reading.stale.answer), (fits) =>
    fits ? reading : { ...reading, stale: null },
  )
}

function isMet(schema: NonNullable<CacheRequest['rule']['schema']>, answer: Representation): boolean {
  const value = parsedJson(answer.headers['content-type'], answer.body)
  if (value === undefined) return true
  const result = schema['~standard'].validate(value)
  if (result instanceof Promise) {
    result.catch(() => {})
    throw new TypeError('the schema answers with a promise, and a hit cannot wait for one')
  }
  return result.issues === undefined
}
