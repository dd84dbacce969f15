import type { Template } from './template.js'

/** `{url}`: the path and the query of a request as it came in, where the route has no parameter of that name. */
const WHOLE_URL = 'url'

/** Whether a key tells apart all that a URL can say. */
export function namesWholeUrl({ placeholders }: Template): boolean {
  return placeholders.some(({ source, path }) => source === 'bare' && path[0] === WHOLE_URL)
}

/**
 * A request target (RFC 9112, section 3.2.1) with the parameters of its query in the order of their names. Those of one
 * name stay in theirs, since a handler gets them as a list.
 *
 * @example
 * sortedUrl('/a?z=1&b=2&b=1') // '/a?b=2&b=1&z=1'
 */
export function sortedUrl(target: string): string {
  const at = target.indexOf('?')
  if (at === -1) return target
  const named = target
    .slice(at + 1)
    .split('&')
    .filter((parameter) => parameter !== '')
    .map((parameter) => ({ parameter, name: parameter.split('=', 1)[0] as string }))
  if (named.length === 0) return target.slice(0, at)
  named.sort((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0))
  return `${target.slice(0, at)}?${named.map(({ parameter }) => parameter).join('&')}`
}
