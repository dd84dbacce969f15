import 'reflect-metadata'
import { CacheError } from '../errors.js'
import type { CacheConfigOptions, Declaration } from '../rules/declaration.js'
import { noteDecorated, noteRead } from './unread-methods.js'

// Compilers hand a class's metadata to TC39 decorators only where the symbol exists, and Node has none yet.
const METADATA = installMetadataSymbol()

const DECLARATIONS: unique symbol = Symbol.for('express-cacheable:declarations')
const CLASS_CONFIG = Symbol.for('express-cacheable:class-config')

/** A method decorator that works as TypeScript's legacy kind and as the TC39 kind. */
export interface UniversalMethodDecorator {
  (target: object, propertyKey: string | symbol, descriptor: PropertyDescriptor): void
  // biome-ignore lint/suspicious/noExplicitAny: a decorator of methods takes every method.
  (value: (...args: any[]) => unknown, context: ClassMethodDecoratorContext): void
}

/** A class decorator that works as TypeScript's legacy kind and as the TC39 kind. */
export type UniversalClassDecorator = (
  // biome-ignore lint/suspicious/noExplicitAny: a decorator of classes takes every class.
  target: abstract new (...args: any[]) => unknown,
  context?: ClassDecoratorContext,
) => void

/** The functions that decorators stand on, by what they are called. */
const NAME_OF_DECORATED = new WeakMap<object, string>()

type DeclarationsByMethod = Map<string | symbol, Declaration[]>
/** What compilers hand to decorators, as far as it is ours. */
interface ClassMetadata {
  [DECLARATIONS]?: DeclarationsByMethod
}

/** A decorator that records `declaration` for the method it stands on. */
export function recordOnMethod(decorator: string, declaration: Declaration): UniversalMethodDecorator {
  return (
    target: object,
    keyOrContext: string | symbol | ClassMethodDecoratorContext,
    descriptor?: PropertyDescriptor,
  ) => {
    if (typeof keyOrContext === 'object') {
      const { kind, name, metadata } = keyOrContext
      const isNamedMethod = kind === 'method' && typeof name === 'string'
      if (!isNamedMethod || keyOrContext.static || keyOrContext.private) {
        throw misplaced(decorator, String(name))
      }
      if (!metadata) throw noMetadata(decorator, name)
      NAME_OF_DECORATED.set(target, name)
      append(ownDeclarations(metadata), name, declaration)
      if (declaration.kind !== 'event') noteDecorated(metadata, name)
      return
    }
    // A legacy decorator of a static method, or of a class, gets the class itself.
    if (typeof target === 'function') {
      throw misplaced(decorator, [target.name, keyOrContext].filter(Boolean).map(String).join('.'))
    }
    const isMethod = typeof descriptor?.value === 'function'
    if (!isMethod || typeof keyOrContext !== 'string') {
      throw misplaced(decorator, `${target.constructor.name}.${String(keyOrContext)}`)
    }
    NAME_OF_DECORATED.set(descriptor.value, `${target.constructor.name}.${keyOrContext}`)
    const declarations: DeclarationsByMethod = Reflect.getOwnMetadata(DECLARATIONS, target) ?? new Map()
    append(declarations, keyOrContext, declaration)
    Reflect.defineMetadata(DECLARATIONS, declarations, target)
    // Who hears of events may come long after what answers requests.
    if (declaration.kind !== 'event') noteDecorated(target, keyOrContext)
  }
}

/** A decorator that records what all rules of a class share. */
export function recordOnClass(options: CacheConfigOptions): UniversalClassDecorator {
  return (target, context) => {
    if (typeof target !== 'function' || (context !== undefined && context.kind !== 'class')) {
      throw new CacheError('E_CACHE_DECORATOR', {
        problem: '@CacheConfig stands on something that is not a class',
        mend: 'Put it on the class; what one method needs, its own decorator says.',
      })
    }
    Reflect.defineMetadata(CLASS_CONFIG, options, target)
  }
}

/** What the decorators of one method recorded. A method that a subclass overrides has only its own. */
export function declarationsOf(classType: object, method: string | symbol): readonly Declaration[] {
  for (const { type, prototype } of lineage(classType)) {
    if (!Object.hasOwn(prototype, method)) continue
    const legacy: DeclarationsByMethod | undefined = Reflect.getOwnMetadata(DECLARATIONS, prototype)
    const tc39 = tc39DeclarationsOf(type)
    return [...(legacy?.get(method) ?? []), ...(tc39?.get(method) ?? [])]
  }
  return []
}

/**
 * Notes that a method of a class has been read. So have been those that it overrides: what stands there is only for other
 * subclasses, and which of them are in use is theirs to show.
 */
export function noteMethodRead(classType: object, method: string): void {
  for (const { type, prototype } of lineage(classType)) {
    noteRead(prototype, method)
    const metadata = Object.hasOwn(type, METADATA) ? Reflect.get(type, METADATA) : undefined
    if (metadata) noteRead(metadata, method)
  }
}

/** What a function is called that a decorator stands on; TC39 decorators are not told the class. */
export function nameOfDecorated(method: object): string | undefined {
  return NAME_OF_DECORATED.get(method)
}

/** What `@CacheConfig` said of a class and those it extends; the nearest wins. */
export function classConfigOf(classType: object): CacheConfigOptions {
  const configs = lineage(classType).map(({ type }) => Reflect.getOwnMetadata(CLASS_CONFIG, type))
  return Object.assign({}, ...configs.reverse())
}

/** The names of all methods of a class and of those it extends. */
export function methodNamesOf(classType: object): string[] {
  const names = lineage(classType).flatMap(({ prototype }) =>
    Object.entries(Object.getOwnPropertyDescriptors(prototype))
      .filter(([name, { value }]) => name !== 'constructor' && typeof value === 'function')
      .map(([name]) => name),
  )
  return [...new Set(names)]
}

function installMetadataSymbol(): symbol {
  const { metadata } = Symbol as { metadata?: symbol }
  if (metadata) return metadata
  const symbol = Symbol.for('Symbol.metadata')
  Object.defineProperty(Symbol, 'metadata', { value: symbol })
  return symbol
}

/** A class and those it extends, nearest first. */
function lineage(classType: object): { type: object; prototype: object }[] {
  const classes: { type: object; prototype: object }[] = []
  let type: object | null = classType
  while (typeof type === 'function' && type !== Function.prototype) {
    classes.push({ type, prototype: type.prototype })
    type = Object.getPrototypeOf(type)
  }
  return classes
}

function tc39DeclarationsOf(type: object): DeclarationsByMethod | undefined {
  if (!Object.hasOwn(type, METADATA)) return undefined
  const metadata: ClassMetadata = Reflect.get(type, METADATA)
  return Object.hasOwn(metadata, DECLARATIONS) ? metadata[DECLARATIONS] : undefined
}

/** A subclass's metadata object inherits its parent's, so only what is its own counts and may be added to. */
function ownDeclarations(metadata: ClassMetadata): DeclarationsByMethod {
  const own = Object.hasOwn(metadata, DECLARATIONS) ? metadata[DECLARATIONS] : undefined
  const declarations: DeclarationsByMethod = own ?? new Map()
  metadata[DECLARATIONS] = declarations
  return declarations
}

function append(declarations: DeclarationsByMethod, method: string | symbol, declaration: Declaration): void {
  declarations.set(method, [...(declarations.get(method) ?? []), declaration])
}

function misplaced(decorator: string, name: string): CacheError {
  return new CacheError('E_CACHE_DECORATOR', {
    where: name,
    problem: `@${decorator} stands on something that is not an instance method`,
    mend: 'Put it on a public method with a name, not on a static one, a field or an accessor.',
  })
}

function noMetadata(decorator: string, name: string): CacheError {
  return new CacheError('E_CACHE_DECORATOR', {
    where: name,
    problem: `the compiler gave @${decorator} no class metadata`,
    mend: 'Import express-cacheable before the class is defined, and compile with decorator metadata (TypeScript 5.2 or later).',
  })
}
