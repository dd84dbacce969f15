import { parsedJson } from '../http/representation.js'
import type { AuditedAnswer } from './audited-answer.js'
import type { FieldPath, IsIgnored } from './ignored-fields.js'

/** More say nothing that these do not. */
const MOST_FIELDS = 20
/** Stand for what no field of a JSON value is. */
const STATUS = '(status)'
const CONTENT_TYPE = '(content type)'
const BODY = '(body)'
/** Of a field as a programmer names it. Objects may have keys of another kind, such as addresses of people. */
const PLAIN_NAME = /^[\p{L}_$][\p{L}\p{N}_$-]{0,40}$/u

type Pair = readonly [one: unknown, other: unknown, path: FieldPath]

/**
 * The names of the fields in which two answers differ, as paths with `*` for each element of a list; none, if they are
 * the same. JSON is compared by its values, whatever the order of fields, and all else byte by byte.
 *
 * Never values: what is found goes into log lines.
 */
export function differingFields(
  one: AuditedAnswer,
  other: AuditedAnswer,
  isIgnored: IsIgnored,
): readonly string[] {
  if (one.status !== other.status) return [STATUS]
  const isOtherType = normalized(one.contentType) !== normalized(other.contentType)
  return [...(isOtherType ? [CONTENT_TYPE] : []), ...differingInBody(one, other, isIgnored)]
}

function differingInBody(one: AuditedAnswer, other: AuditedAnswer, isIgnored: IsIgnored): readonly string[] {
  if (one.body.equals(other.body)) return []
  const values = [one, other].map(({ contentType, body }) => parsedJson(contentType, body))
  if (values.includes(undefined)) return [BODY]
  return differingInJson(values[0], values[1], isIgnored)
}

/** Without recursion, as JSON may be nested deeper than a call may be. */
function differingInJson(one: unknown, other: unknown, isIgnored: IsIgnored): readonly string[] {
  const found = new Set<string>()
  const open: Pair[] = [[one, other, []]]
  for (let pair = open.pop(); pair && found.size < MOST_FIELDS; pair = open.pop()) {
    const [left, right, path] = pair
    if (left === right) continue
    if (Array.isArray(left) && Array.isArray(right) && left.length === right.length) {
      for (const [at, value] of left.entries()) push(open, [value, right[at], [...path, '*']], isIgnored)
    } else if (isObject(left) && isObject(right)) {
      for (const name of new Set([...Object.keys(left), ...Object.keys(right)])) {
        push(open, [left[name], right[name], [...path, name]], isIgnored)
      }
    } else found.add(named(path))
  }
  return [...found].sort()
}

function push(open: Pair[], pair: Pair, isIgnored: IsIgnored): void {
  if (pair[0] !== pair[1] && !isIgnored(pair[2])) open.push(pair)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function named(path: FieldPath): string {
  return path.length === 0 ? BODY : path.map((name) => (PLAIN_NAME.test(name) ? name : '*')).join('.')
}

function normalized(contentType: string | undefined): string | undefined {
  return contentType?.toLowerCase().replaceAll(/\s/g, '')
}
