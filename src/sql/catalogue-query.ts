/** A relation of pg_class. Object ids are texts throughout: JSON has no type for them that all drivers keep. */
export interface RelationRow {
  readonly id: string
  readonly schema: string
  readonly name: string
  /** r: table, p: partitioned table, v: view, m: materialized view, f: foreign table, S: sequence. */
  readonly kind: string
  readonly definition: string | null
  readonly parents: readonly string[] | null
  readonly columns: readonly ColumnRow[] | null
}

export interface ColumnRow {
  readonly name: string
  readonly type: string
  readonly typeSchema: string
  readonly isEnum: boolean
  /** Two texts are equal only if they are the same. */
  readonly isExact: boolean
  /** Has a length, such as varchar(10). */
  readonly isLimited: boolean
  readonly hasDefault: boolean
  readonly isGenerated: boolean
}

export interface IndexRow {
  readonly relation: string
  readonly isPrimary: boolean
  readonly isUnique: boolean
  /** null for an expression. */
  readonly columns: readonly (string | null)[]
}

export interface ForeignKeyRow {
  readonly relation: string
  readonly columns: readonly string[]
  readonly referenced: string
  readonly referencedColumns: readonly string[]
  /** a: no action, r: restrict, c: cascade, n: set null, d: set default. */
  readonly onDelete: string
  readonly onUpdate: string
}

/** A trigger, or a rule as a trigger of every event. */
export interface TriggerRow {
  readonly relation: string
  readonly name: string
  /** The bits of pg_trigger.tgtype; -1 for a rule. */
  readonly type: number
}

export interface FunctionRow {
  readonly schema: string
  readonly name: string
  readonly isVolatile: boolean
}

/** An operator of the database's own that calls a function which is written in a language that can run SQL. */
interface OperatorRow {
  readonly name: string
  readonly schema: string
  readonly function: string
}

interface PolicyRow {
  readonly relation: string
  readonly condition: string
}

export interface CatalogueRows {
  readonly path: readonly string[] | null
  readonly relations: readonly RelationRow[] | null
  readonly indexes: readonly IndexRow[] | null
  readonly foreignKeys: readonly ForeignKeyRow[] | null
  readonly triggers: readonly TriggerRow[] | null
  readonly functions: readonly FunctionRow[] | null
  readonly operators: readonly OperatorRow[] | null
  readonly policies: readonly PolicyRow[] | null
}

/** Their functions neither read tables nor write any. */
const HARMLESS_EXTENSIONS = [
  'btree_gin',
  'btree_gist',
  'citext',
  'cube',
  'earthdistance',
  'fuzzystrmatch',
  'hstore',
  'intarray',
  'isn',
  'ltree',
  'pg_trgm',
  'pg_uuidv7',
  'pgcrypto',
  'seg',
  'unaccent',
  'uuid-ossp',
  'vector',
]

/**
 * pg_temp_3 and pg_toast are among PostgreSQL's own: nobody else may have a schema of such a name. `express_cacheable` is
 * ours: no answer is made from it.
 */
/** Where all stands that this package makes in a database. */
export const OWN_SCHEMA = 'express_cacheable'

export const OF_USERS = `n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', '${OWN_SCHEMA}')`

const columnsByNumber = (numbers: string, relation: string) => `(
  SELECT json_agg(a.attname ORDER BY k.place)
  FROM unnest(${numbers}) WITH ORDINALITY AS k (number, place)
  LEFT JOIN pg_attribute a ON a.attrelid = ${relation} AND a.attnum = k.number)`

const ofHarmlessExtension = (catalogue: string, id: string) => `EXISTS (
  SELECT FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
  WHERE d.classid = '${catalogue}'::regclass AND d.objid = ${id} AND d.deptype = 'e'
    AND d.refclassid = 'pg_extension'::regclass AND e.extname IN ('${HARMLESS_EXTENSIONS.join("', '")}'))`

const COLUMNS = `
  SELECT json_agg(json_build_object(
    'name', a.attname, 'type', t.typname, 'typeSchema', tn.nspname, 'isEnum', t.typtype = 'e',
    'isExact', coalesce(co.collisdeterministic, true), 'isLimited', a.atttypmod <> -1,
    'hasDefault', a.atthasdef OR a.attidentity <> '', 'isGenerated', a.attgenerated <> '') ORDER BY a.attnum)
  FROM pg_attribute a
  JOIN pg_type t ON t.oid = a.atttypid
  JOIN pg_namespace tn ON tn.oid = t.typnamespace
  LEFT JOIN pg_collation co ON co.oid = a.attcollation
  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped`

const RELATIONS = `
  SELECT c.oid::text AS id, n.nspname AS schema, c.relname AS name, c.relkind AS kind,
    CASE WHEN c.relkind = 'v' THEN pg_get_viewdef(c.oid) END AS definition,
    (SELECT json_agg(i.inhparent::text) FROM pg_inherits i WHERE i.inhrelid = c.oid) AS parents,
    (${COLUMNS}) AS columns
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND ${OF_USERS}`

const INDEXES = `
  SELECT i.indrelid::text AS relation, i.indisprimary AS "isPrimary", i.indisunique AS "isUnique",
    ${columnsByNumber('(i.indkey::int2[])[0:i.indnkeyatts - 1]', 'i.indrelid')} AS columns
  FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE i.indpred IS NULL AND ${OF_USERS}`

const FOREIGN_KEYS = `
  SELECT f.conrelid::text AS relation, f.confrelid::text AS referenced,
    f.confdeltype AS "onDelete", f.confupdtype AS "onUpdate",
    ${columnsByNumber('f.conkey', 'f.conrelid')} AS columns,
    ${columnsByNumber('f.confkey', 'f.confrelid')} AS "referencedColumns"
  FROM pg_constraint f WHERE f.contype = 'f'`

/** They write nothing that an answer is made from. */
const OURS = `EXISTS (
  SELECT FROM pg_proc p JOIN pg_namespace f ON f.oid = p.pronamespace
  WHERE p.oid = t.tgfoid AND f.nspname = '${OWN_SCHEMA}')`

const TRIGGERS = `
  SELECT t.tgrelid::text AS relation, t.tgname AS name, t.tgtype::int AS type
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND ${OF_USERS} AND NOT ${OURS}
  UNION ALL
  SELECT w.ev_class::text, w.rulename, -1
  FROM pg_rewrite w JOIN pg_class c ON c.oid = w.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE w.rulename <> '_RETURN' AND ${OF_USERS}`

const FUNCTIONS = `
  SELECT n.nspname AS schema, p.proname AS name, bool_or(p.provolatile = 'v') AS "isVolatile"
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE ${OF_USERS} AND NOT ${ofHarmlessExtension('pg_proc', 'p.oid')}
  GROUP BY n.nspname, p.proname`

const OPERATORS = `
  SELECT DISTINCT o.oprname AS name, fn.nspname AS schema, p.proname AS function
  FROM pg_operator o
  JOIN pg_namespace n ON n.oid = o.oprnamespace
  JOIN pg_proc p ON p.oid = o.oprcode
  JOIN pg_namespace fn ON fn.oid = p.pronamespace
  JOIN pg_language l ON l.oid = p.prolang AND l.lanname NOT IN ('c', 'internal')
  WHERE ${OF_USERS} AND NOT ${ofHarmlessExtension('pg_operator', 'o.oid')}`

const POLICIES = `
  SELECT p.polrelid::text AS relation, pg_get_expr(p.polqual, p.polrelid) AS condition
  FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
  WHERE p.polqual IS NOT NULL AND c.relrowsecurity`

const all = (rows: string) => `(SELECT json_agg(row_to_json(r)) FROM (${rows}) AS r)`

/**
 * All that is asked of a database, in one row with one column of JSON. PostgreSQL 13 and newer answer it. Names are
 * resolved by the search path of the connection that asks.
 */
export const CATALOGUE_QUERY = `SELECT json_build_object(
  'path', to_json(current_schemas(false)),
  'relations', ${all(RELATIONS)},
  'indexes', ${all(INDEXES)},
  'foreignKeys', ${all(FOREIGN_KEYS)},
  'triggers', ${all(TRIGGERS)},
  'functions', ${all(FUNCTIONS)},
  'operators', ${all(OPERATORS)},
  'policies', ${all(POLICIES)})::text AS catalogue`
