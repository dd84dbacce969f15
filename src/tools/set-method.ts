/**
 * Puts a method of its own on an object that lives as long as a request, in front of the one that its class has.
 *
 * V8 makes a function that stands on the right of an assignment to a property in its old generation, as if it were to stay.
 * There it keeps what it reaches, which is the whole request, until all of the heap is collected. So it comes as an
 * argument.
 */
export function setMethod<Target extends object, Name extends keyof Target>(
  target: Target,
  name: Name,
  method: Target[Name],
): void {
  target[name] = method
}
