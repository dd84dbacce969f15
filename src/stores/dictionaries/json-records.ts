/** An object in JSON: one row of a table, more often than not. */
interface JsonRecord {
  /** The names of its fields. */
  readonly shape: string
  /** Two records with one identity are the same thing, read at different times or found in different answers. */
  readonly identity: string
  /** With the names of fields whose values are objects or lists, and without these. */
  readonly text: string
}

/** What there is to learn from a JSON text. */
export interface JsonParts {
  /** The text without its values, and with one element of each list. */
  readonly skeleton: string
  readonly records: readonly JsonRecord[]
}

/** Deeper than answers are, and than what a stack takes. */
const MOST_LEVELS = 32
const IDENTIFYING: readonly string[] = ['id', '_id', 'uuid', 'key']

/** `null` for what is no JSON object or list. A head in front of it, as HTTP messages have, is left out. */
export function jsonPartsOf(value: Buffer): JsonParts | null {
  const headEnd = value[0] === 0x48 ? value.indexOf('\r\n\r\n') + 4 : 0
  try {
    const json: unknown = JSON.parse(value.toString('utf8', headEnd))
    if (!isComposite(json)) return null
    const records: JsonRecord[] = []
    addRecords(json, records, 0)
    return { skeleton: skeletonOf(json, 0), records }
  } catch {
    return null
  }
}

function addRecords(value: object, records: JsonRecord[], level: number): void {
  if (level > MOST_LEVELS) return
  const record = Array.isArray(value) ? null : recordOf(value)
  if (record) records.push(record)
  for (const child of Object.values(value)) if (isComposite(child)) addRecords(child, records, level + 1)
}

/** `null` for an object that has no values itself. */
function recordOf(object: object): JsonRecord | null {
  const fields = Object.entries(object)
  if (!fields.some(([, value]) => !isComposite(value))) return null
  const texts = fields.map(([name, value]) => `${JSON.stringify(name)}:${openedText(value)}`)
  const text = `{${texts.join(',')}}`
  const name = IDENTIFYING.find((one) => Object.hasOwn(object, one))
  return {
    shape: JSON.stringify(fields.map(([field]) => field)),
    identity: name === undefined ? text : JSON.stringify(Reflect.get(object, name)),
    text,
  }
}

function openedText(value: unknown): string {
  if (!isComposite(value)) return JSON.stringify(value)
  return Array.isArray(value) ? '[' : '{'
}

function skeletonOf(value: unknown, level: number): string {
  if (level > MOST_LEVELS) return ''
  if (!isComposite(value)) return typeof value === 'string' ? '""' : ''
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[${skeletonOf(value[0], level + 1)}]`
  const fields = Object.entries(value).map(
    ([name, child]) => `${JSON.stringify(name)}:${skeletonOf(child, level + 1)}`,
  )
  return `{${fields.join(',')}}`
}

function isComposite(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
