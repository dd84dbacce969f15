/**
 * Puts a method of its own on an object that lives as long as a request, in front of the one that its class has.
 *
 * It is what an assignment of a function does, without one: V8 keeps a function that is assigned by its name out of its
 * young generation, and with it all that it reaches, so the whole request, until it collects all of the heap.
 */
export function setMethod<Target extends object, Name extends keyof Target>(
  target: Target,
  name: Name,
  method: Target[Name],
): void {
  const own = Object.getOwnPropertyDescriptor(target, name)
  if (own && !(own.writable && own.configurable)) target[name] = method
  else
    Object.defineProperty(target, name, {
      value: method,
      writable: true,
      enumerable: true,
      configurable: true,
    })
}
