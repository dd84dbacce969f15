import type { Request, Response } from 'express'
import type { Template } from '../../keys/template.js'
import { namesPerson, PERSONAL_NAME } from '../../rules/identity.js'
import type { CacheableRule } from '../../rules/rule.js'

/** Whose request it is, by the names under which middleware leaves that. */
const OF_PERSON: ReadonlySet<string> = new Set(['user', 'auth', 'session', 'cookies', 'signedCookies'])
/** Where a request came to, which some applications take for the tenant, and where it came from. */
const OF_HOST: ReadonlySet<string> = new Set(['hostname', 'host', 'subdomains'])
const OF_ADDRESS: ReadonlySet<string> = new Set(['ip', 'ips'])

/** What a header tells of. Names are in lower case. */
const HEADERS: Readonly<Record<string, ReadonlySet<string>>> = {
  authorization: OF_PERSON,
  cookie: OF_PERSON,
  host: OF_HOST,
  'x-forwarded-host': OF_HOST,
  'x-forwarded-for': OF_ADDRESS,
}

type Tell = (read: string, value: unknown) => void

/**
 * Tells what is read of a request that says whose it is and that the rule's key does not name, until it is ended.
 *
 * The request stays the object that it is, with the names that it has: fields of its own become accessors, and what it
 * inherits or lacks is seen by its prototype, for that long.
 *
 * @returns Ends it.
 */
export function watchIdentityReads(req: Request, res: Response, rule: CacheableRule, tell: Tell): () => void {
  const isNamed = namesOf(rule)
  // A getter of Express, such as `hostname`, reads headers in turn.
  let depth = 0
  const within = (read: () => unknown): unknown => {
    depth++
    try {
      return read()
    } finally {
      depth--
    }
  }
  const seen = (text: string, value: unknown): unknown => {
    if (depth === 0) tell(text, value)
    return value
  }

  let headers: object | undefined
  let watchedHeaders: object | undefined
  const watchHeaders = (current: object): object => {
    if (headers === current && watchedHeaders) return watchedHeaders
    headers = current
    watchedHeaders = new Proxy(current, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name)
        const isWatched = typeof name === 'string' && Object.hasOwn(HEADERS, name) && !isNamed(name)
        return isWatched ? seen(`req.headers.${name}`, value) : value
      },
    })
    return watchedHeaders
  }
  const watched = [...OF_PERSON, ...OF_HOST, ...OF_ADDRESS].filter((name) => !isNamed(name))
  const undo = watched.filter((name) => Object.hasOwn(req, name)).map((name) => watchField(req, name))
  const prototype: object = Object.getPrototypeOf(req)
  const names = new Set<PropertyKey>(watched)
  const watchedPrototype = new Proxy(prototype, {
    get(target, name, receiver) {
      if (name === 'headers') return watchHeaders(Reflect.get(target, name, receiver))
      if (!names.has(name)) return Reflect.get(target, name, receiver)
      return seen(
        `req.${String(name)}`,
        within(() => Reflect.get(target, name, receiver)),
      )
    },
  })
  Object.setPrototypeOf(req, watchedPrototype)
  const { locals } = res
  const watchedLocals = new Proxy(locals, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver)
      const isWatched = typeof name === 'string' && PERSONAL_NAME.test(name) && !isNamed('user')
      return isWatched ? seen(`res.locals.${name}`, value) : value
    },
  })
  res.locals = watchedLocals

  return () => {
    for (const restore of undo) restore()
    // Whoever has set another meanwhile has the last word.
    if (Object.getPrototypeOf(req) === watchedPrototype) Object.setPrototypeOf(req, prototype)
    if (res.locals === watchedLocals) res.locals = locals
  }

  function watchField(owner: Request, name: string): () => void {
    const original = Object.getOwnPropertyDescriptor(owner, name)
    if (!original?.configurable) return () => {}
    const isData = 'value' in original
    const get = (): unknown =>
      seen(`req.${name}`, isData ? original.value : within(() => original.get?.call(owner)))
    Object.defineProperty(owner, name, {
      configurable: true,
      enumerable: original.enumerable ?? false,
      get,
      set(value) {
        if (isData) original.value = value
        else original.set?.call(owner, value)
      },
    })
    return () => {
      if (Object.getOwnPropertyDescriptor(owner, name)?.get === get)
        Object.defineProperty(owner, name, original)
    }
  }
}

/** Says whether a key names what a field or a header of the request tells. */
function namesOf(rule: CacheableRule): (name: string) => boolean {
  const headers = new Set([...rule.vary, ...headersOf(rule.template)])
  const isPersonNamed = namesPerson(rule) || headers.has('authorization') || headers.has('cookie')
  const named: ReadonlySet<string>[] = [
    ...(isPersonNamed ? [OF_PERSON] : []),
    ...[...headers].flatMap((name) => HEADERS[name] ?? []),
    ...groupsInFunction(rule),
  ]
  return (name) => named.some((group) => group.has(name) || HEADERS[name] === group)
}

/** Of a function that gives the key, only its source can tell. */
function groupsInFunction({ functionKey }: CacheableRule): ReadonlySet<string>[] {
  const source = functionKey ? Function.prototype.toString.call(functionKey.function) : ''
  return [OF_HOST, OF_ADDRESS].filter((group) =>
    [...group].some((name) => new RegExp(`\\b${name}\\b`).test(source)),
  )
}

function headersOf({ placeholders }: Template): string[] {
  // `{host}` is what Express makes of the header.
  return placeholders.flatMap(({ source, path }) =>
    source === 'headers' || (source === 'bare' && path[0] === 'host') ? path : [],
  )
}
