import { quotedText } from '../quoted.js'
import { UNNOTED_LOCK } from './outbox-sql.js'

/** A process that no longer says that it is there is followed by another one after so long. */
const HELD_SECONDS = 5
/** Triggers write for so long after that; what they have written then is read by nobody. */
const SLACK_SECONDS = 10

/** At a time: each may have 200 rows, or 400. */
export const MOST_CHANGES = 200

const HELD_UNTIL = `clock_timestamp() + interval '${HELD_SECONDS} seconds'`
const OPEN_GATE = `setval('express_cacheable.gate', greatest(
  (SELECT last_value FROM express_cacheable.gate),
  ceil(extract(epoch FROM clock_timestamp()))::bigint + ${HELD_SECONDS + SLACK_SECONDS}))`

/**
 * Each statement has to see what was committed before it, also those that are sent together; nothing of what is written has
 * to outlive a crash; and compiling these takes longer than running them.
 */
export const SESSION_SQL = `SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE;
  SET synchronous_commit = off; SET statement_timeout = 0; SET jit = off`

/** $1: the group, $2: who holds it from now on. A row, where nobody does. */
export const TAKE_SQL = `
  INSERT INTO express_cacheable.followers AS f (name, holder, backend, held_until)
  VALUES ($1, $2, pg_backend_pid(), ${HELD_UNTIL})
  ON CONFLICT (name) DO UPDATE
    SET holder = excluded.holder, backend = excluded.backend, held_until = excluded.held_until,
      is_busy = false, acknowledged = NULL
    WHERE f.held_until <= clock_timestamp() OR NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid = f.backend)
  RETURNING ${OPEN_GATE}`

/** Who may go on: what has lapsed is another's. */
const STILL_HELD = 'name = $1 AND holder = $2 AND held_until > clock_timestamp()'

/** $1: the group, $2: its holder, $3: whether it is busy. A row, where it still is. */
export const KEEP_SQL = `
  UPDATE express_cacheable.followers SET held_until = ${HELD_UNTIL}, is_busy = $3 WHERE ${STILL_HELD} RETURNING ${OPEN_GATE}`

/** $3: up to where all has been evicted. */
export const ACKNOWLEDGE_SQL = `
  UPDATE express_cacheable.followers SET acknowledged = $3 WHERE ${STILL_HELD} RETURNING acknowledged`

export const LEAVE_SQL = `
  UPDATE express_cacheable.followers SET held_until = clock_timestamp() WHERE name = $1 AND holder = $2`

/** A row, where a process holds the group; one whose connection is gone does not. */
export const IS_OPEN_SQL = `
  SELECT FROM express_cacheable.followers f WHERE name = $1 AND held_until > clock_timestamp()
    AND EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid = f.backend)`

export const ACKNOWLEDGED_SQL = 'SELECT acknowledged::text FROM express_cacheable.followers WHERE name = $1'

/** Whether all are over that have written and noted nothing: nobody followed then. */
export const ARE_UNNOTED_OVER_SQL = `SELECT pg_try_advisory_xact_lock(${UNNOTED_LOCK}) AS "areOver"`

/** What was committed before it was drawn is seen by whoever sees its number first and reads then. */
export const DRAW_TICKET_SQL = `SELECT nextval('express_cacheable.tickets')::text AS position`

/** What all have read, or those that are gone have left. What another one sweeps at the moment is its. */
export const SWEEP_SQL = `
  DELETE FROM express_cacheable.changes WHERE id IN (
    SELECT c.id FROM express_cacheable.changes c WHERE NOT EXISTS (
      SELECT FROM express_cacheable.followers f WHERE f.held_until > clock_timestamp()
        AND NOT EXISTS (SELECT FROM express_cacheable.passed p WHERE p.id = c.id AND p.name = f.name))
    FOR UPDATE OF c SKIP LOCKED);
  DELETE FROM express_cacheable.passed WHERE (id, name) IN (
    SELECT p.id, p.name FROM express_cacheable.passed p
    WHERE NOT EXISTS (SELECT FROM express_cacheable.changes c WHERE c.id = p.id)
    FOR UPDATE OF p SKIP LOCKED);
  DELETE FROM express_cacheable.followers WHERE name IN (
    SELECT name FROM express_cacheable.followers
    WHERE held_until < clock_timestamp() - interval '1 day' FOR UPDATE SKIP LOCKED)`

/**
 * Reads the ticket, and then what has been committed: in this order, or the ticket would say more than was read. What is
 * read goes, unless another group has not read it: a group that begins anew evicts all, so that none needs it twice.
 */
export function readSql(group: string, holder: string): string {
  const name = quotedText(group)
  const passedBy = (id: string, whom: string) =>
    `EXISTS (SELECT FROM express_cacheable.passed p WHERE p.id = ${id} AND p.name = ${whom})`
  return `SELECT last_value::text AS position FROM express_cacheable.tickets;
  WITH me AS (
    SELECT FROM express_cacheable.followers
    WHERE name = ${name} AND holder = ${quotedText(holder)} AND held_until > clock_timestamp()
  ), others AS (
    SELECT name FROM express_cacheable.followers WHERE name <> ${name} AND held_until > clock_timestamp()
  ), page AS MATERIALIZED (
    SELECT * FROM express_cacheable.changes c
    WHERE NOT ${passedBy('c.id', name)}
    ORDER BY id LIMIT ${MOST_CHANGES}
  ), kept AS (
    INSERT INTO express_cacheable.passed (id, name)
    SELECT page.id, ${name} FROM page
    WHERE EXISTS (SELECT FROM me)
      AND EXISTS (SELECT FROM others o WHERE NOT ${passedBy('page.id', 'o.name')})
    ON CONFLICT DO NOTHING
  ), gone AS (
    DELETE FROM express_cacheable.changes c USING page
    WHERE c.id = page.id AND EXISTS (SELECT FROM me)
      AND NOT EXISTS (SELECT FROM others o WHERE NOT ${passedBy('page.id', 'o.name')})
  )
  SELECT EXISTS (SELECT FROM me) AS "isHeld",
    (SELECT json_agg(json_build_object(
      'schema', page.schema_name, 'table', page.table_name, 'kind', page.kind, 'images', page.images)
      ORDER BY page.id) FROM page)::text AS changes,
    (SELECT extract(epoch FROM min(written_at)) * 1000 FROM page)::text AS "oldestMs"`
}
