import { CacheError } from '../errors.js'
import { setMethod } from '../tools/set-method.js'
import type { Row, TrackedDatabase } from '../tracker/tracked-database.js'
import { UnitOfWork } from '../tracker/unit-of-work.js'
import { isSubmittable, type PgCall, readCall, readSubmittable, type Submittable } from './pg-call.js'

/** What is used of a client of `pg`. */
export interface PgClient {
  query(...args: never[]): unknown
  /** `I` outside of a transaction, `T` in one, `E` in one that has failed. */
  getTransactionStatus?(): string | null
}

/** No statement, so that it counts as one that may read and write anything. */
const UNREADABLE = { sql: 'unreadable', args: [] }

const TRACKED = Symbol.for('express-cacheable:tracked')

/** Lets a connection tell of its statements; a second time changes nothing. @throws CacheError for an old `pg`. */
export function trackClient(client: PgClient, database: TrackedDatabase): void {
  if (Object.hasOwn(client, TRACKED)) return
  if (typeof client.getTransactionStatus !== 'function') {
    throw new CacheError('E_CACHE_OPTION', {
      where: 'trackPg()',
      problem: 'the client does not say whether it is in a transaction',
      mend: 'Run: npm install pg@latest',
    })
  }
  const connection = new TrackedConnection(client, database)
  Object.defineProperties(client, {
    [TRACKED]: { value: true },
    query: { value: (...args: unknown[]) => connection.query(args), configurable: true, writable: true },
  })
}

class TrackedConnection {
  readonly #client: PgClient
  readonly #send: (...args: unknown[]) => unknown
  readonly #database: TrackedDatabase
  readonly #work = new UnitOfWork()

  constructor(client: PgClient, database: TrackedDatabase) {
    this.#client = client
    this.#send = client.query.bind(client) as (...args: unknown[]) => unknown
    this.#database = database
  }

  query(args: readonly unknown[]): unknown {
    const [config] = args
    if (isSubmittable(config)) {
      this.#submit(config, args)
      return config
    }
    const call = readCall(args)
    if (!call) return this.#send(...args)
    const done = this.#run(call, (end) => this.#send(...call.forwarded, end))
    const { callback } = call
    if (!callback) return done
    done.then(
      (result) => callback(undefined, result),
      (error) => callback(error),
    )
    return undefined
  }

  /** A cursor or a stream gives its rows before its statement is over, to whoever reads them. */
  #submit(query: Submittable, args: readonly unknown[]): void {
    const call = readSubmittable(query) ?? UNREADABLE
    const { currentLoad, isOpen } = this.#database
    if (!isOpen) currentLoad?.noteUnknown()
    const { handleReadyForQuery, handleError } = query
    const send = (end: (error: unknown) => void) => {
      setMethod(query, 'handleReadyForQuery', (...values) => {
        end(null)
        return Reflect.apply(handleReadyForQuery, query, values)
      })
      setMethod(query, 'handleError', (error, ...values) => {
        end(error)
        return Reflect.apply(handleError, query, [error, ...values])
      })
      this.#send(...args)
    }
    // Whoever sent it hears of its errors from itself.
    void this.#run(call, send).catch(() => {})
  }

  #run(
    { sql, args }: Pick<PgCall, 'sql' | 'args'>,
    send: (end: (error: unknown, result?: unknown) => void) => unknown,
  ): Promise<unknown> {
    const { currentLoad } = this.#database
    let status: string | null | undefined
    return this.#database.run((text) => this.#rows(text), {
      ...{ sql, args, work: this.#work },
      loads: currentLoad ? [currentLoad] : [],
      isOpen: () => ['T', 'E'].includes(status ?? this.#client.getTransactionStatus?.() ?? 'I'),
      rowsOf: rowsOfResult,
      run: () =>
        new Promise((resolve, reject) => {
          send((error, result) => {
            // Now it is the one after this statement: the next may be on its way.
            status = this.#client.getTransactionStatus?.()
            if (error) reject(error)
            else resolve(result)
          })
        }),
    })
  }

  async #rows(sql: string): Promise<readonly Row[]> {
    return rowsOfResult(await this.#send(sql)) ?? []
  }
}

/** None where there are several statements' results. */
function rowsOfResult(result: unknown): readonly Row[] | undefined {
  const { rows, fields } = Object(result)
  if (!Array.isArray(rows)) return undefined
  return rows.map((row) => (Array.isArray(row) ? namedRow(row, fields) : row))
}

function namedRow(row: readonly unknown[], fields: readonly { readonly name: string }[]): Row {
  return Object.fromEntries(fields.map(({ name }, index) => [name, row[index]]))
}
