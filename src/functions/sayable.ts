/**
 * What JSON says of a type, and `never` for what it cannot say: a function whose values are cached gives those alone,
 * unless it has a serializer.
 */
export type Sayable<Value> = unknown extends Value
  ? Value
  : Value extends string | number | boolean | null
    ? Value
    : Value extends Unsayable
      ? never
      : Value extends object
        ? { [Field in keyof Value]: SayableField<Value[Field]> }
        : never

/** A field may be left out. */
type SayableField<Value> = Value extends undefined ? undefined : Sayable<Value>

type Unsayable =
  | bigint
  | symbol
  | undefined
  | Date
  | RegExp
  | Error
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | Promise<unknown>
  | ArrayBufferView
  | ((...args: never[]) => unknown)
