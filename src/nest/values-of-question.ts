import type { Request } from 'express'
import { pathValue, type RequestValues } from '../express/request-values.js'
import { classNameOf } from '../tools/class-name.js'
import type { BoundArgument, NestRoute } from './nest-metadata.js'

/** Pipes of Nest that leave a value as it is, or make of a number's text the number. */
const NUMBERS_OR_NOTHING: ReadonlySet<string> = new Set(['ParseIntPipe', 'ParseUUIDPipe', 'ValidationPipe'])

/**
 * The values that Nest would bind of a request that nobody has sent, as far as its URL and its headers say them.
 *
 * @param everywhere - The pipes of all routes.
 * @param unknown - Called with what they do not say.
 */
export function valuesOfQuestion(
  { args, pipes }: NestRoute,
  everywhere: readonly unknown[],
  req: Request,
  user: unknown,
  unknown: (what: string) => void,
): RequestValues {
  return {
    isBareOfUrl: true,
    bare: (name) => {
      const arg = args.find((one) => one.name === name)
      if (!arg) return pathValue(req, name)
      const value = givenValue(arg, name, req, unknown)
      if (value === undefined || isKept(value, [...everywhere, ...pipes, ...arg.pipes])) return value
      unknown(`what pipes make of ${name}`)
      return undefined
    },
    user,
    route: req.route,
  }
}

function givenValue(
  { source }: BoundArgument,
  name: string,
  req: Request,
  unknown: (what: string) => void,
): unknown {
  switch (source) {
    case 'params':
      return req.params[name]
    case 'query':
      return req.query[name]
    case 'headers':
      return req.headers[name.toLowerCase()]
    default:
      unknown(`the argument ${name}`)
      return undefined
  }
}

/** Whether its text stays what it is. */
function isKept(value: unknown, pipes: readonly unknown[]): boolean {
  if (pipes.length === 0) return true
  const isPlain = pipes.every((pipe) => NUMBERS_OR_NOTHING.has(classNameOf(pipe) ?? ''))
  return (
    isPlain && typeof value === 'string' && (Number.isNaN(Number(value)) || String(Number(value)) === value)
  )
}
