import type { LoadTags } from '../dependencies/load-tags.js'
import { CacheError } from '../errors.js'
import type { Row, TrackedDatabase } from '../tracker/tracked-database.js'
import { UnitOfWork } from '../tracker/unit-of-work.js'
import type {
  AdapterFactory,
  DriverAdapter,
  Queryable,
  SqlQuery,
  SqlResultSet,
  Transaction,
} from './driver-adapter.js'
import type { Operations } from './operations.js'

/** What an adapter's statements are followed with. */
export interface Following {
  readonly database: TrackedDatabase
  readonly operations: Operations
}

/** An adapter's factory whose adapters tell of their statements. */
export function trackedFactory<Factory extends AdapterFactory>(
  factory: Factory,
  following: Following,
): Factory {
  const connect = async () => trackedAdapter((await factory.connect()) as DriverAdapter, following)
  return overridden(factory, { connect } as Partial<Factory>)
}

function trackedAdapter(adapter: DriverAdapter, following: Following): DriverAdapter {
  return overridden(adapter, {
    ...statementsOf(adapter, following, undefined),
    executeScript: (script) =>
      send(adapter, { sql: script, args: [], argTypes: [] }, following, undefined, () =>
        adapter.executeScript(script),
      ),
    startTransaction: async (isolationLevel) =>
      trackedTransaction(await adapter.startTransaction(isolationLevel), following),
  })
}

/** Some adapters are sent `COMMIT` as a statement, and `commit` then only gives their connection back. */
function trackedTransaction(transaction: Transaction, following: Following): Transaction {
  const { database } = following
  const work = new UnitOfWork()
  return overridden(transaction, {
    ...statementsOf(transaction, following, work),
    commit: () => database.commit(work, () => transaction.commit()),
    rollback: async () => {
      await transaction.rollback()
      work.drop()
    },
  })
}

function statementsOf(queryable: Queryable, following: Following, work: UnitOfWork | undefined): Queryable {
  return {
    queryRaw: (query) => send(queryable, query, following, work, () => queryable.queryRaw(query), rowsOf),
    executeRaw: (query) => send(queryable, query, following, work, () => queryable.executeRaw(query)),
  }
}

function send<Result>(
  queryable: Queryable,
  { sql, args }: SqlQuery,
  following: Following,
  work: UnitOfWork | undefined,
  run: () => Promise<Result>,
  rows: (result: Result) => readonly Row[] | undefined = noRows,
): Promise<Result> {
  const loads = following.operations.loadsOfStatement() ?? loadsOfStray(following)
  const query = async (text: string) =>
    rowsOf(await queryable.queryRaw({ sql: text, args: [], argTypes: [] }))
  const isOpen = work === undefined ? never : always
  return following.database.run(query, { sql, args, loads, run, rowsOf: rows, work, isOpen })
}

const never = () => false
const always = () => true
const noRows = () => undefined

/**
 * The loads of a statement that no call of the extended client has sent.
 *
 * @throws CacheError `E_CACHE_OPTION` where the client lacks the extension: nobody could tell then whose a statement is.
 */
function loadsOfStray({ database, operations }: Following): readonly LoadTags[] {
  if (!operations.isUsed) {
    throw new CacheError('E_CACHE_OPTION', {
      where: 'tracker.adapter()',
      problem: 'a statement came from a client without the extension of the tracker',
      mend: 'Make the client by new PrismaClient({ adapter: tracker.adapter(…) }).$extends(tracker.extension), and use no other.',
    })
  }
  const { currentLoad } = database
  const others = operations.allLoads()
  return currentLoad && !others.includes(currentLoad) ? [...others, currentLoad] : others
}

function rowsOf({ columnNames, rows }: SqlResultSet): readonly Row[] {
  return rows.map((row) => Object.fromEntries(columnNames.map((name, index) => [name, row[index]])))
}

/** The object, with some methods of ours. Its own run on itself, so that it may keep private fields. */
function overridden<Target extends object>(target: Target, methods: Partial<Target>): Target {
  return new Proxy(target, {
    get(_, name) {
      if (Object.hasOwn(methods, name)) return Reflect.get(methods, name)
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
