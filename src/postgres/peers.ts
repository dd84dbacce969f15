import { CacheError } from '../errors.js'
import { reasonOf } from '../tools/reason-of.js'

export type Pg = typeof import('pg')
export type PgLogicalReplication = typeof import('pg-logical-replication')

/** @throws CacheError `E_CACHE_OPTION` where it is not installed. */
export function loadPg(): Pg {
  return installed('pg', requirePg)
}

/** @throws CacheError `E_CACHE_OPTION` where it is not installed. */
export function loadReplication(): PgLogicalReplication {
  return installed('pg-logical-replication', requireReplication)
}

function installed<Module>(name: string, load: () => Module): Module {
  try {
    return load()
  } catch (error) {
    throw new CacheError('E_CACHE_OPTION', {
      where: 'followDatabase()',
      problem: `${name}, by which a PostgreSQL is followed, cannot be loaded: ${reasonOf(error)}`,
      mend: `Run npm install ${name}.`,
      cause: error,
    })
  }
}

/** By plain calls, outside of the `try`, which each bundler follows. */
function requirePg(): Pg {
  return require('pg')
}

function requireReplication(): PgLogicalReplication {
  return require('pg-logical-replication')
}
