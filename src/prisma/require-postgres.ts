import { wrongOption } from '../tools/check-values.js'
import type { AdapterFactory } from './driver-adapter.js'

/** @throws CacheError `E_CACHE_OPTION` for what is no driver adapter, or one of another database. */
export function requirePostgres(factory: AdapterFactory): void {
  const { provider, connect } = Object(factory)
  if (typeof connect !== 'function') {
    throw wrongOption(
      'tracker.adapter()',
      'it was given no driver adapter',
      'Give one as Prisma takes it, such as new PrismaPg({ connectionString }).',
    )
  }
  if (provider === 'postgres') return
  throw wrongOption(
    'tracker.adapter()',
    `the driver adapter is of ${String(provider)}, and only the statements of PostgreSQL are read`,
    'Declare what goes with tags, patterns, or the options reads and writes.',
  )
}
