import { parsedJson } from '../http/representation.js'
import { isRecord } from '../tools/is-record.js'
import type { AuditedAnswer } from './audited-answer.js'
import { type FieldPath, fieldWithin, lastNames } from './field-path.js'
import type { IsIgnored } from './ignored-fields.js'

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

/** Without recursion, as JSON may be nested deeper than calls may be. */
function differingInJson(one: unknown, other: unknown, isIgnored: IsIgnored): readonly string[] {
  const found = new Set<string>()
  const open: Pair[] = [[one, other, null]]
  for (let pair = open.pop(); pair && found.size < MOST_FIELDS; pair = open.pop()) {
    const inner = fieldsOf(pair)
    if (!inner) found.add(named(pair[2]))
    for (const field of inner ?? []) {
      const [left, right, path] = field
      if (left !== right && !(path && isIgnored(path))) open.push(field)
    }
  }
  return [...found].sort()
}

/** What is to be compared of two values that are not the same; undefined where they have nothing in common. */
function fieldsOf([left, right, path]: Pair): Pair[] | undefined {
  if (Array.isArray(left) && Array.isArray(right) && left.length === right.length) {
    return left.map((value, at) => [value, right[at], fieldWithin(path, '*')])
  }
  if (!isRecord(left) || !isRecord(right)) return undefined
  const names = new Set([...Object.keys(left), ...Object.keys(right)])
  return [...names].map((name) => [left[name], right[name], fieldWithin(path, name)])
}

function named(path: FieldPath): string {
  if (path === null) return BODY
  return lastNames(path)
    .map((name) => (PLAIN_NAME.test(name) ? name : '*'))
    .join('.')
}

function normalized(contentType: string | undefined): string | undefined {
  return contentType?.toLowerCase().replaceAll(/\s/g, '')
}
