type Callback = (error: unknown, result?: unknown) => void

/** What `pg` calls a query object: a cursor, a stream, its own `Query`. It is told of its result by calls. */
export interface Submittable {
  submit(connection: unknown): unknown
  handleReadyForQuery(...args: unknown[]): unknown
  handleError(...args: unknown[]): unknown
  readonly text?: unknown
  readonly values?: unknown
  readonly cursor?: { readonly text?: unknown; readonly values?: unknown }
}

/** A call of a client's `query`, in whichever of its forms. */
export interface PgCall {
  readonly sql: string
  readonly args: readonly unknown[]
  /** What goes ahead of the callback. */
  readonly forwarded: readonly unknown[]
  readonly callback: Callback | undefined
}

/** @returns `undefined` for what is none, about which `pg` complains itself. */
export function readCall([config, second, third]: readonly unknown[]): PgCall | undefined {
  const { text, values, callback } = typeof config === 'string' ? { text: config } : fieldsOf(config)
  if (typeof text !== 'string') return undefined
  const given = Array.isArray(second) ? second : undefined
  const last = [second, third, callback].find((value) => typeof value === 'function')
  return {
    sql: text,
    args: given ?? (Array.isArray(values) ? values : []),
    forwarded: [config, given],
    callback: last as Callback | undefined,
  }
}

export function isSubmittable(config: unknown): config is Submittable {
  return typeof fieldsOf(config).submit === 'function'
}

/** Undefined where nobody can tell what it sends. */
export function readSubmittable(query: Submittable): Omit<PgCall, 'forwarded' | 'callback'> | undefined {
  const { text, values } = typeof query.text === 'string' ? query : (query.cursor ?? query)
  if (typeof text !== 'string') return undefined
  return { sql: text, args: Array.isArray(values) ? values : [] }
}

function fieldsOf(config: unknown): Readonly<Record<string, unknown>> {
  return Object(config)
}
