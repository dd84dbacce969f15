/** Goes on with a value: at once if it is there, else when it has come. Nobody pays for a promise that none needs. */
export function onceKnown<Value, Result>(
  value: Value | Promise<Value>,
  next: (value: Value) => Result | Promise<Result>,
): Result | Promise<Result> {
  return value instanceof Promise ? value.then(next) : next(value)
}
