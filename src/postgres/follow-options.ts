import type { TrackerOptions } from '../tracker/tracker-options.js'

/** Of `followDatabase` and of the command, where no other is named. */
export const PUBLICATION = 'express_cacheable'

/** Options of `followDatabase`; of `triggers` and `functions` a follower needs none, as it sees what they did. */
export interface FollowOptions extends Pick<TrackerOptions, 'database'> {
  /** `postgresql://…`; of a role that may replicate, and sees the tables. */
  readonly connectionString: string
  /** The publication that is read. @defaultValue 'express_cacheable' */
  readonly publication?: string | undefined
  /**
   * How changes are read: `log` from logical replication, `outbox` from the table that triggers write (made by
   * `npx express-cacheable postgres triggers`). @defaultValue 'log'
   */
  readonly from?: 'log' | 'outbox' | undefined
  /** Tables whose rows no answer is made from; all others must be followed. @example ['_prisma_migrations'] */
  readonly ignore?: readonly string[] | undefined
  /** Whether answers of all rules that write wait, as behind `cache.barrier()`. @defaultValue false */
  readonly barrier?: boolean | undefined
}
