import { checkAgainst } from '../rules/check-options.js'
import { BOOLEAN, type Expectation } from '../tools/check-values.js'
import type { FollowOptions } from './follow-options.js'

const EXPECTED: Readonly<Record<keyof FollowOptions, Expectation>> = {
  connectionString: {
    isMet: (value) => typeof value === 'string' && /^(?:postgres|postgresql|socket):/.test(value),
    mend: 'Give a URL, such as postgresql://user:password@host:5432/database.',
  },
  database: {
    isMet: (value) => typeof value === 'string' && value !== '',
    mend: `Give a text that is not empty, such as 'crm'.`,
  },
  publication: {
    // PostgreSQL cuts a longer name.
    isMet: (value) => typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= 63,
    mend: `Give the name of a publication, such as 'express_cacheable'.`,
  },
  from: { isMet: (value) => value === 'log' || value === 'outbox', mend: `Give 'log' or 'outbox'.` },
  ignore: {
    isMet: (value) => Array.isArray(value) && value.every((name) => typeof name === 'string' && name !== ''),
    mend: `Give a list of tables, such as ['_prisma_migrations'].`,
  },
  barrier: BOOLEAN,
}

const WHERE = 'followDatabase()'

/** @throws CacheError `E_CACHE_OPTION` */
export function checkFollowOptions(options: unknown): void {
  checkAgainst(EXPECTED, WHERE, options, WHERE)
  // One that is undefined counts as not given.
  checkAgainst(EXPECTED, WHERE, { connectionString: Object(options).connectionString ?? '' }, WHERE)
}
