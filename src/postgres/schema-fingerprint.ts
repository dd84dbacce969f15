import type { Query } from '../sql/catalogue.js'
import { OF_USERS } from '../sql/catalogue-query.js'

/** Each with a number that changes with its definition: of a row that has been updated, `xmin` is another. */
const PARTS = [
  `SELECT 'column', a.attrelid::text || ' ' || a.attnum || ' ' || a.xmin::text
   FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE a.attnum > 0 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND ${OF_USERS}`,
  // A materialized view that is refreshed has another file.
  `SELECT 'relation', concat_ws(' ', c.oid, c.relname, c.relnamespace, c.relrowsecurity,
     CASE c.relkind WHEN 'm' THEN c.relfilenode END)
   FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND ${OF_USERS}`,
  `SELECT 'index', i.indexrelid::text || ' ' || i.xmin::text
   FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE ${OF_USERS}`,
  `SELECT 'constraint', f.oid::text || ' ' || f.xmin::text FROM pg_constraint f WHERE f.contype = 'f'`,
  `SELECT 'parent', h.inhrelid::text || ' ' || h.inhparent FROM pg_inherits h`,
  `SELECT 'rule', w.oid::text || ' ' || w.xmin::text
   FROM pg_rewrite w JOIN pg_class c ON c.oid = w.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE ${OF_USERS}`,
  `SELECT 'function', p.oid::text || ' ' || p.xmin::text
   FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${OF_USERS}`,
  `SELECT 'policy', p.oid::text || ' ' || p.xmin::text FROM pg_policy p`,
  `SELECT 'label', e.oid::text || ' ' || e.xmin::text FROM pg_enum e`,
]

const FINGERPRINT = `SELECT count(*) || ' ' || sum(hashtextextended(kind || ' ' || part, 0)) AS fingerprint
FROM (${PARTS.join('\nUNION ALL\n')}) AS parts (kind, part)`

/** Another, as soon as there is another catalogue. It costs some milliseconds with a hundred tables. */
export async function readFingerprint(query: Query): Promise<string> {
  const [row] = await query(FINGERPRINT)
  return String(row?.fingerprint)
}
