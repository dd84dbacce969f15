/** A method that decorators of routes or services stand on. */
interface Decorated {
  /** Where the decorators recorded: a prototype, or the metadata that compilers hand to TC39 decorators. */
  readonly holder: WeakRef<object>
  readonly method: string
  isRead: boolean
  isTold: boolean
}

/** What a process has decorated. */
interface DecoratedMethods {
  /** In their order. */
  readonly all: Set<Decorated>
  readonly byHolder: WeakMap<object, Map<string, Decorated>>
  /** Say of a class that its framework reads what it uses of it. */
  readonly isLookedAfter: Set<(classType: object) => boolean>
}

/** Not a module's own: an application may have loaded this package both as ES module and as CommonJS. */
const KNOWN = Symbol.for('express-cacheable:decorated-methods')

const known: DecoratedMethods = knownOfProcess()

/** Notes that a decorator stands on a method. */
export function noteDecorated(holder: object, method: string): void {
  const methods = known.byHolder.get(holder) ?? new Map<string, Decorated>()
  known.byHolder.set(holder, methods)
  if (methods.has(method)) return
  const decorated = { holder: new WeakRef(holder), method, isRead: false, isTold: false }
  methods.set(method, decorated)
  known.all.add(decorated)
}

/** Notes that somebody has read what stands on a method, so that it does what it says. */
export function noteRead(holder: object, method: string): void {
  const decorated = known.byHolder.get(holder)?.get(method)
  if (decorated) decorated.isRead = true
}

/** Leaves classes to the framework that serves those of its own which an application names, and no other. */
export function lookAfter(isOfFramework: (classType: object) => boolean): void {
  known.isLookedAfter.add(isOfFramework)
}

/**
 * The methods whose decorators nobody in the process has read so far, each told once: a class may be read later, or stand
 * in a file that another program needs.
 *
 * @returns Class and method; the method alone with TC39 decorators, which are not told the class.
 */
export function unreadMethods(): string[] {
  const unread: string[] = []
  for (const decorated of known.all) {
    const holder = decorated.holder.deref()
    if (!holder || decorated.isRead) known.all.delete(decorated)
    if (!holder || decorated.isRead || decorated.isTold) continue
    const classType = Object.hasOwn(holder, 'constructor') ? holder.constructor : undefined
    if (classType && [...known.isLookedAfter].some((isOfFramework) => isOfFramework(classType))) continue
    decorated.isTold = true
    unread.push(
      classType ? `${classType.name || 'a class without a name'}.${decorated.method}` : decorated.method,
    )
  }
  return unread
}

/** What to say of them; nothing where there are none. */
export function unreadWarnings(methods: readonly string[]): string[] {
  if (methods.length === 0) return []
  const [have, their] = methods.length === 1 ? ['has', 'its'] : ['have', 'their']
  return [
    `${methods.join(', ')} ${have} decorators of express-cacheable that nothing has read so far, so they do nothing. Give ${their} class to cache.handlers(), cache.methods() or registerControllers(), in Nest import ExpressCacheableModule; in another framework put cache.cacheable() or cache.evict() on the route as middleware, behind its authorization.`,
  ]
}

function knownOfProcess(): DecoratedMethods {
  const shared = globalThis as { [KNOWN]?: DecoratedMethods }
  shared[KNOWN] ??= { all: new Set(), byHolder: new WeakMap(), isLookedAfter: new Set() }
  return shared[KNOWN]
}
