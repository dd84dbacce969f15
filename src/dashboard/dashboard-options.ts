import type { Request } from 'express'
import { BOOLEAN, expected, knownOptions, shown, wrongOption } from '../tools/check-values.js'

/** Options of `cacheDashboard`. */
export interface DashboardOptions {
  /** Whether stored answers are shown; they may be anyone's. @defaultValue false */
  readonly values?: boolean | undefined
  /** Whether entries can be removed from the page. @defaultValue false */
  readonly removal?: boolean | undefined
  /**
   * Who may see it: whoever this says `true` of, or a promise of it. All others get 403. For where no middleware in front of it
   * decides that.
   */
  readonly authorize?: ((req: Request) => boolean | Promise<boolean>) | undefined
  /**
   * Says that something decides who may see it which the dashboard cannot see from where it is mounted: middleware for the whole
   * application, or a proxy. @defaultValue false: in production it then refuses to serve
   */
  readonly guardedElsewhere?: boolean | undefined
}

/** Options, checked and complete. */
export interface ResolvedDashboardOptions {
  readonly values: boolean
  readonly removal: boolean
  readonly authorize: DashboardOptions['authorize']
  readonly guardedElsewhere: boolean
}

const WHERE = 'cacheDashboard()'
const KNOWN = new Set<keyof DashboardOptions>(['values', 'removal', 'authorize', 'guardedElsewhere'])

/** @throws CacheError `E_CACHE_OPTION`. */
export function resolveDashboardOptions(options: DashboardOptions): ResolvedDashboardOptions {
  knownOptions(WHERE, options, KNOWN, 'Write cacheDashboard(cache, { removal: true }).')
  const { values = false, removal = false, authorize, guardedElsewhere = false } = options as DashboardOptions
  if (authorize !== undefined && typeof authorize !== 'function') {
    throw wrongOption(
      WHERE,
      `authorize is ${shown(authorize)}`,
      'Give a function: (req) => req.user?.isAdmin === true.',
    )
  }
  return {
    values: expected(WHERE, 'values', values, BOOLEAN),
    removal: expected(WHERE, 'removal', removal, BOOLEAN),
    authorize,
    guardedElsewhere: expected(WHERE, 'guardedElsewhere', guardedElsewhere, BOOLEAN),
  }
}
