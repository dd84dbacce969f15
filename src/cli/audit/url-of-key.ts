import type { Template } from '../../keys/template.js'
import { valuesInKey } from '../../keys/values-in-key.js'

/** A route as people know it, of a method that can be asked. */
const ROUTE = /^(?:GET|ALL) (\/\S*)$/
/** Without what may be left out, stars and expressions. */
const PLAIN_PATH = /^(?:\/(?::[A-Za-z_$][\w$]*|[^/:*{}()?+]*))+$/
const PARAMETER = /:([A-Za-z_$][\w$]*)/g

/**
 * The path and the query of a request that comes to a key, as far as the key says them: what a rule takes from headers or
 * of who asks is not in them. `null`, if the route cannot be asked by the key.
 *
 * @param route - As people know it, such as `GET /customers/:id`.
 * @example
 * urlOfKey(parseTemplate('customer:{id}:{query.lang|en}', 'a test'), 'GET /customers/:id', 'customer:42:de')
 * // '/customers/42?lang=de'
 */
export function urlOfKey(template: Template, route: string, key: string): string | null {
  const path = ROUTE.exec(route)?.[1]
  const values = path !== undefined && PLAIN_PATH.test(path) && valuesInKey(template, key)
  if (!path || !values) return null
  const inPath = new Set([...path.matchAll(PARAMETER)].map(([, name = '']) => name))
  const parameters = new Map<string, string>()
  const query = new URLSearchParams()
  for (const [{ source, path: names }, value] of values) {
    const [name = '', ...deeper] = names
    if (value === undefined) continue
    if ((source === 'bare' || source === 'params') && inPath.has(name)) parameters.set(name, value)
    // An argument that is bound under its name, where it is none of the path.
    else if (source === 'bare' || source === 'query') {
      if (deeper.length > 0) return null
      query.set(name, value)
    }
  }
  if ([...inPath].some((name) => !parameters.has(name))) return null
  const asked = path.replace(PARAMETER, (_, name: string) => encodeURIComponent(parameters.get(name) ?? ''))
  return query.size === 0 ? asked : `${asked}?${query}`
}
