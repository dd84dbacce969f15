import type { Request } from 'express'
import type { ActionMetadata } from 'routing-controllers'
import { pathValue, type RequestValues } from '../express/request-values.js'

type Param = ActionMetadata['params'][number]

/**
 * The values that routing-controllers would bind of a request that nobody has sent, as far as its URL and its headers say them.
 *
 * @param unknown - Called with what they do not say.
 */
export function valuesOfQuestion(
  { params }: ActionMetadata,
  req: Request,
  user: unknown,
  unknown: (what: string) => void,
): RequestValues {
  const bound = new Map(params.flatMap((param) => (param.name ? [[param.name, param] as const] : [])))
  return {
    isBareOfUrl: true,
    bare: (name) => {
      const param = bound.get(name)
      if (!param) return pathValue(req, name)
      const text = textOf(param, req, unknown)
      return text === undefined ? undefined : converted(text, param, unknown)
    },
    user,
    route: req.route,
  }
}

function textOf({ type, name }: Param, req: Request, unknown: (what: string) => void): unknown {
  switch (type) {
    case 'param':
      return req.params[name]
    case 'query':
      return req.query[name]
    case 'header':
      return req.headers[name.toLowerCase()]
    default:
      unknown(`@${type} ${name}`)
      return undefined
  }
}

/** As routing-controllers does by the type of the parameter; what it cannot convert it answers with 400. */
function converted(value: unknown, { targetName, name }: Param, unknown: (what: string) => void): unknown {
  if (typeof value !== 'string') return value
  switch (targetName) {
    case 'number':
      return value === '' || Number.isNaN(Number(value)) ? refused(name, unknown) : Number(value)
    case 'boolean':
      if (['true', '1', ''].includes(value)) return true
      return ['false', '0'].includes(value) ? false : refused(name, unknown)
    case 'date':
      return Number.isNaN(Date.parse(value)) ? refused(name, unknown) : new Date(value)
    case 'string':
    case undefined:
      return value
    default:
      unknown(`what ${name} is made into`)
      return undefined
  }
}

function refused(name: string, unknown: (what: string) => void): undefined {
  unknown(`${name}, which routing-controllers answers with 400`)
  return undefined
}
