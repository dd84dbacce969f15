import 'reflect-metadata'
import type { PlaceholderSource } from '../keys/template.js'

/** What Nest's decorators leave on a controller's method, under names that are the same in all its versions. */
const CONTROLLER = '__controller__'
const PATH = 'path'
const METHOD = 'method'
const VERSION = '__version__'
const ARGUMENTS = '__routeArguments__'
const GUARDS = '__guards__'
const INTERCEPTORS = '__interceptors__'
const PIPES = '__pipes__'
const SSE = '__sse__'
const HTTP_CODE = '__httpCode__'
const CUSTOM_ARGUMENT = '__customRouteArgs__'

/** Nest's `RequestMethod`, by its numbers. */
const METHODS = [
  ...['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'ALL', 'OPTIONS', 'HEAD', 'SEARCH'],
  ...['PROPFIND', 'PROPPATCH', 'MKCOL', 'COPY', 'MOVE', 'LOCK', 'UNLOCK', 'QUERY'],
]

/** Nest's `RouteParamtypes` of arguments that are bound under a name, and the source by which a key can name each. */
const NAMED: ReadonlyMap<string, PlaceholderSource | undefined> = new Map([
  ['5', 'params'],
  ['4', 'query'],
  ['6', 'headers'],
  ['3', 'body'],
  ['14', 'cookies'],
  // Of the host.
  ['10', undefined],
] as const)
const NEXT = '2'

/** An argument of a method that Nest binds. */
export interface BoundArgument {
  readonly index: number
  /** Nest's kind of it. */
  readonly type: string
  /** Under which a key can name it as it is; none for what has no name. */
  readonly name: string | undefined
  readonly source: PlaceholderSource | undefined
  /** What makes the value of a decorator of the application's own. */
  readonly factory: unknown
  /** What changes or refuses its value, without that of the class and the method. */
  readonly pipes: readonly unknown[]
}

/** What Nest knows of a method that is a route. */
export interface NestRoute {
  readonly method: string
  /** One or several. */
  readonly paths: readonly string[]
  /** None where it has no version, or any will do. */
  readonly versions: readonly string[]
  readonly args: readonly BoundArgument[]
  readonly guards: readonly unknown[]
  readonly interceptors: readonly unknown[]
  /** Of all arguments. */
  readonly pipes: readonly unknown[]
  readonly isSse: boolean
  /** None where Nest chooses it by the method. */
  readonly httpCode: number | undefined
}

/** Whether Nest's `@Controller()` stands on a class. */
export function isController(classType: object): boolean {
  return Boolean(Reflect.getMetadata(CONTROLLER, classType))
}

/** What Nest knows of a controller's method; `undefined` if it is no route. */
export function nestRouteOf(classType: object, name: string): NestRoute | undefined {
  const handler: object | undefined = Reflect.get(Reflect.get(classType, 'prototype'), name)
  const path = typeof handler === 'function' ? Reflect.getMetadata(PATH, handler) : undefined
  if (path === undefined || !handler) return undefined
  const ofClass = texts(Reflect.getMetadata(PATH, classType))
  return {
    method: METHODS[Reflect.getMetadata(METHOD, handler) as number] ?? 'another method',
    paths: ofClass.flatMap((outer) => texts(path).map((inner) => joined(outer, inner))),
    versions: texts(Reflect.getMetadata(VERSION, handler) || Reflect.getMetadata(VERSION, classType)).filter(
      (version) => version !== '',
    ),
    args: boundArguments(classType, name),
    guards: both(GUARDS, classType, handler),
    interceptors: both(INTERCEPTORS, classType, handler),
    pipes: both(PIPES, classType, handler),
    isSse: Boolean(Reflect.getMetadata(SSE, handler)),
    httpCode: Reflect.getMetadata(HTTP_CODE, handler),
  }
}

/** Whether what goes on behind a method is its own affair: it takes `next`. */
export function isNext({ type }: BoundArgument): boolean {
  return type === NEXT
}

/** Whether it is what a decorator of the application's own makes of the request. */
export function isCustom({ type }: BoundArgument): boolean {
  return type.includes(CUSTOM_ARGUMENT)
}

/** Two parts of a path, with one slash between them. */
export function joined(outer: string, inner: string): string {
  const parts = [outer, inner].map((part) => part.replace(/^\/+|\/+$/g, '')).filter((part) => part !== '')
  return `/${parts.join('/')}`
}

function boundArguments(classType: object, name: string): BoundArgument[] {
  const all: Record<string, { index: number; data?: unknown; factory?: unknown; pipes?: unknown[] }> =
    Reflect.getMetadata(ARGUMENTS, classType, name) ?? {}
  return Object.entries(all).map(([key, { index, data, factory, pipes = [] }]) => {
    const type = key.slice(0, key.indexOf(':'))
    const isNamed = NAMED.has(type) && typeof data === 'string' && data !== ''
    return { index, type, name: isNamed ? data : undefined, source: NAMED.get(type), factory, pipes }
  })
}

function both(key: string, classType: object, handler: object): readonly unknown[] {
  return [Reflect.getMetadata(key, classType), Reflect.getMetadata(key, handler)].flatMap(
    (all: readonly unknown[] | undefined) => all ?? [],
  )
}

/** The symbol for any version is none. */
function texts(value: unknown): string[] {
  const all = Array.isArray(value) ? value : [value ?? '']
  return all.filter((one) => typeof one === 'string')
}
