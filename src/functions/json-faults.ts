/**
 * Says what of a value JSON would change: where it is, and what it is. Undefined, if what is read from the JSON is the
 * same. A field that is undefined counts as left out.
 */
export function jsonFault(value: unknown): string | undefined {
  return faultAt(value, 'it', new Set())
}

function faultAt(value: unknown, place: string, within: Set<object>): string | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? undefined : `${place} is ${shownNumber(value)}`
    case 'object':
      return value === null ? undefined : faultInObject(value, place, within)
    case 'undefined':
      return `${place} is undefined`
    default:
      return `${place} is a ${typeof value}`
  }
}

function faultInObject(value: object, place: string, within: Set<object>): string | undefined {
  if (within.has(value)) return `${place} contains itself`
  const prototype: unknown = Object.getPrototypeOf(value)
  const isPlain = prototype === null || prototype === Object.prototype
  if (!Array.isArray(value) && !isPlain) return `${place} is a ${nameOf(prototype)}`
  within.add(value)
  const fault = Array.isArray(value) ? faultInList(value, place, within) : faultInFields(value, place, within)
  within.delete(value)
  return fault
}

function faultInList(list: readonly unknown[], place: string, within: Set<object>): string | undefined {
  for (let at = 0; at < list.length; at += 1) {
    const fault = faultAt(list[at], `${place}[${at}]`, within)
    if (fault !== undefined) return fault
  }
  return undefined
}

function faultInFields(value: object, place: string, within: Set<object>): string | undefined {
  for (const [name, field] of Object.entries(value)) {
    const fault = field === undefined ? undefined : faultAt(field, `${place}.${name}`, within)
    if (fault !== undefined) return fault
  }
  return undefined
}

function shownNumber(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

function nameOf(prototype: unknown): string {
  const made: unknown = Object(prototype).constructor
  return (typeof made === 'function' && made.name) || 'object of a class'
}
