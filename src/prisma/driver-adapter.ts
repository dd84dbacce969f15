/** What the tracker uses of Prisma's driver adapters (`@prisma/driver-adapter-utils` 7). */
export interface SqlQuery {
  readonly sql: string
  readonly args: unknown[]
  readonly argTypes: unknown[]
}

export interface SqlResultSet {
  readonly columnNames: readonly string[]
  readonly rows: readonly (readonly unknown[])[]
}

export interface Queryable {
  queryRaw(query: SqlQuery): Promise<SqlResultSet>
  executeRaw(query: SqlQuery): Promise<number>
}

export interface Transaction extends Queryable {
  commit(): Promise<void>
  rollback(): Promise<void>
}

export interface DriverAdapter extends Queryable {
  executeScript(script: string): Promise<void>
  startTransaction(isolationLevel?: string): Promise<Transaction>
}

export interface AdapterFactory {
  readonly provider: string
  connect(): Promise<object>
}
