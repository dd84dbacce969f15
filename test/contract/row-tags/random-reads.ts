import type { Random } from '../../consistency/random.js'
import { Draft, type Tried } from './draft.js'
import { condition, equality } from './random-conditions.js'
import { JOINS, TABLES } from './schema.js'

type Form = (draft: Draft) => string

const JOIN_TYPES = ['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN']

/** Queries of every sort that the analysis has a rule for, by what the figures call them. */
const FORMS: Readonly<Record<string, Form>> = {
  'by equality': (draft) => {
    const table = anyTable(draft)
    return `SELECT * FROM "${table}" WHERE ${equality(draft, { table, prefix: '' })}`
  },
  conditions: (draft) => {
    const table = anyTable(draft)
    const [from, prefix] = draft.random.chance(0.5) ? [`"${table}" AS x`, 'x.'] : [`"${table}"`, '']
    return `SELECT * FROM ${from} WHERE ${condition(draft, { table, prefix })}`
  },
  prisma: (draft) => {
    const table = anyTable(draft)
    const name = `"public"."${table}"`
    const columns = Object.keys(TABLES[table] ?? {}).map((column) => `${name}."${column}"`)
    const where = condition(draft, { table, prefix: `${name}.` })
    return `SELECT ${columns.join(', ')} FROM ${name} WHERE (${where}) ORDER BY ${columns.join(', ')} LIMIT ${draft.param(3)}::bigint OFFSET ${draft.param(0)}::bigint`
  },
  'prisma relation': (draft) => {
    const [table, column, other, otherColumn] = draft.random.oneOf(JOINS)
    const inner = condition(draft, { table, prefix: '"t1".' })
    return `SELECT "public"."${other}"."${otherColumn}" FROM "public"."${other}" WHERE ("public"."${other}"."${otherColumn}") IN (SELECT "t1"."${column}" FROM "public"."${table}" AS "t1" WHERE (${inner} AND "t1"."${column}" IS NOT NULL))`
  },
  'prisma count': (draft) => {
    const [table, column, other, otherColumn] = draft.random.oneOf(JOINS)
    const where = equality(draft, { table: other, prefix: '"t0".' })
    return `SELECT "t0".*, COALESCE("aggr"."n", 0) FROM "public"."${other}" AS "t0" LEFT JOIN (SELECT "public"."${table}"."${column}" AS k, COUNT(*) AS n FROM "public"."${table}" WHERE 1=1 GROUP BY "public"."${table}"."${column}") AS "aggr" ON ("t0"."${otherColumn}" = "aggr".k) WHERE ${where}`
  },
  aggregate: (draft) => {
    const table = anyTable(draft)
    const column = draft.random.oneOf(Object.keys(TABLES[table] ?? {}))
    return `SELECT "${column}", count(*) FROM "${table}" WHERE ${condition(draft, { table, prefix: '' })} GROUP BY "${column}" HAVING count(*) < 3`
  },
  page: (draft) => {
    const table = anyTable(draft)
    return `SELECT * FROM "${table}" AS x WHERE ${condition(draft, { table, prefix: '' })} ORDER BY x::text DESC LIMIT 2`
  },
  join: (draft) => {
    const [table, column, other, otherColumn] = draft.random.oneOf(JOINS)
    const [a, b] = [
      { table, prefix: 'a.' },
      { table: other, prefix: 'b.' },
    ]
    const join = draft.random.oneOf(JOIN_TYPES)
    // PostgreSQL joins two whole tables by what it can sort or hash.
    const on = `a."${column}" = b."${otherColumn}"${join !== 'FULL JOIN' && draft.random.chance(0.6) ? ` AND ${condition(draft, a, b)}` : ''}`
    const where = draft.random.chance(0.7) ? ` WHERE ${condition(draft, a, b)}` : ''
    return `SELECT a.*, b.* FROM "${table}" a ${join} "${other}" b ON ${on}${where}`
  },
  'anti join': (draft) => {
    const [table, column, other, otherColumn] = draft.random.oneOf(JOINS)
    const tested = draft.random.oneOf(Object.keys(TABLES[table] ?? {}))
    return `SELECT b.* FROM "${other}" b LEFT JOIN "${table}" a ON a."${column}" = b."${otherColumn}" WHERE a."${tested}" IS NULL`
  },
  'condition in ON': (draft) => {
    const [table, column, other, otherColumn] = draft.random.oneOf(JOINS)
    const named = draft.random.oneOf([
      { table, prefix: 'a.' },
      { table: other, prefix: 'b.' },
    ])
    return `SELECT a.*, b.* FROM "${other}" b ${draft.random.oneOf(['LEFT', 'RIGHT'])} JOIN "${table}" a ON a."${column}" = b."${otherColumn}" AND ${equality(draft, named)}`
  },
  'three tables': (draft) => {
    const types = [draft.random.oneOf(JOIN_TYPES.slice(0, 3)), draft.random.oneOf(JOIN_TYPES.slice(0, 3))]
    const [users, tasks, comments] = ['users', 'tasks', 'comments'].map((table) => ({
      table,
      prefix: `${table}.`,
    }))
    if (!users || !tasks || !comments) throw new Error('not three')
    const on = draft.random.chance(0.5) ? ` AND ${condition(draft, tasks, comments)}` : ''
    const joined = draft.random.chance(0.5)
      ? `users ${types[0]} (tasks ${types[1]} comments ON comments.task_id = tasks.id${on}) ON tasks.user_id = users.id`
      : `users ${types[0]} tasks ON tasks.user_id = users.id ${types[1]} comments ON comments.task_id = tasks.id${on}`
    const where = draft.random.chance(0.7) ? ` WHERE ${condition(draft, users, tasks, comments)}` : ''
    return `SELECT users.id, tasks.*, comments.* FROM ${joined}${where}`
  },
  'from two': (draft) => {
    const [table, column, other, otherColumn] = draft.random.oneOf(JOINS)
    const where = condition(draft, { table, prefix: 'a.' }, { table: other, prefix: 'b.' })
    return `SELECT a.*, b.* FROM "${table}" a, "${other}" b WHERE a."${column}" = b."${otherColumn}" AND ${where}`
  },
  exists: (draft) => {
    const [table, column, other, otherColumn] = draft.random.oneOf(JOINS)
    const not = draft.random.chance(0.5) ? 'NOT ' : ''
    const inner = condition(draft, { table, prefix: draft.random.chance(0.5) ? '' : 'a.' })
    const outer = condition(draft, { table: other, prefix: 'b.' })
    return `SELECT * FROM "${other}" b WHERE ${outer} AND ${not}EXISTS (SELECT FROM "${table}" a WHERE a."${column}" = b."${otherColumn}" AND ${inner})`
  },
  'outer names': (draft) => {
    const inner = draft.random.oneOf([
      ['offers', 'active', 'users'],
      ['notes', equality(draft, { table: 'users', prefix: '' }), 'users'],
      ['comments', equality(draft, { table: 'tasks', prefix: '' }), 'tasks'],
      ['audit', "role = 'reader' AND id = 3", 'users'],
      ['tags', "status IN ('open') AND name = 'red'", 'tasks'],
    ] as const)
    return `SELECT * FROM ${inner[2]} WHERE ${draft.random.chance(0.5) ? 'NOT ' : ''}EXISTS (SELECT 1 FROM ${inner[0]} WHERE ${inner[1]})`
  },
  'scalar subquery': (draft) => {
    const [table, column, other, otherColumn] = draft.random.oneOf(JOINS)
    return `SELECT b.*, (SELECT count(*) FROM "${table}" a WHERE a."${column}" = b."${otherColumn}" AND ${condition(draft, { table, prefix: 'a.' })}) AS n FROM "${other}" b WHERE ${condition(draft, { table: other, prefix: 'b.' })}`
  },
  with: (draft) => {
    const [table, other] = [anyTable(draft), anyTable(draft)]
    const recursive = draft.random.chance(0.3) ? 'RECURSIVE ' : ''
    // A name of WITH stands in front of a table's.
    const name = draft.random.chance(0.5) ? 'picked' : other
    return `WITH ${recursive}first AS (SELECT * FROM "${table}" WHERE ${condition(draft, { table, prefix: '' })}), "${name}" AS (SELECT count(*) AS n FROM first) SELECT * FROM "${name}", "${table}" AS t WHERE ${condition(draft, { table, prefix: 't.' })}`
  },
  recursion: (draft) =>
    `WITH RECURSIVE thread AS (SELECT * FROM comments WHERE ${condition(draft, { table: 'comments', prefix: '' })} UNION SELECT c.* FROM comments c JOIN thread ON c.parent_id = thread.id) SELECT * FROM thread`,
  'set operation': (draft) => {
    const table = anyTable(draft)
    const part = () => `SELECT * FROM "${table}" WHERE ${condition(draft, { table, prefix: '' })}`
    return `${part()} ${draft.random.oneOf(['UNION', 'UNION ALL', 'EXCEPT', 'INTERSECT'])} ${part()}`
  },
  lateral: (draft) => {
    const [table, column, other, otherColumn] = draft.random.oneOf(JOINS)
    const inner = condition(draft, { table, prefix: 'a.' })
    const outer = condition(draft, { table: other, prefix: 'b.' })
    return `SELECT b.*, l.* FROM "${other}" b LEFT JOIN LATERAL (SELECT a.* FROM "${table}" a WHERE a."${column}" = b."${otherColumn}" AND ${inner}) l ON true WHERE ${outer}`
  },
  view: (draft) =>
    draft.random.chance(0.5)
      ? `SELECT * FROM open_tasks WHERE user_id = ${draft.operand('int4')}`
      : `SELECT * FROM readers r LEFT JOIN tasks t ON t.user_id = r.id AND ${condition(draft, { table: 'tasks', prefix: 't.' })}`,
  function: (draft) => `SELECT tasks_of(${draft.operand('int4')})`,
  using: (draft) => {
    const join = draft.random.oneOf(JOIN_TYPES)
    const how = draft.random.chance(0.5) ? [join, 'USING (region, product)'] : [`NATURAL ${join}`, '']
    const prefix = draft.random.oneOf(['', 'offers.'])
    return `SELECT * FROM offers ${how[0]} prices ${how[1]} WHERE ${prefix}region = ${draft.operand('text')} AND ${equality(draft, { table: 'offers', prefix: 'offers.' })}`
  },
  'joins with names': (draft) => {
    const where = draft.random.oneOf(['j.id = ', 'email = ', 'j.boss = '])
    const type = where === 'email = ' ? 'text' : 'int4'
    return `SELECT * FROM (users u JOIN teams ON true) AS j (id, email, name, role, active, boss) WHERE ${where}${draft.operand(type)}`
  },
  'columns with names': (draft) =>
    `SELECT * FROM users AS u (boss_id, name, email) WHERE u.boss_id = ${draft.operand('int4')} AND ${equality(draft, { table: 'users', prefix: '' }).replace('"name" = ', '"email" = ')}`,
  partition: (draft) => {
    const table = draft.random.oneOf(['events_early', 'events_late', 'ONLY events', 'events'])
    return `SELECT * FROM ${table} AS e WHERE ${condition(draft, { table: 'events', prefix: 'e.' })}`
  },
  series: (draft) =>
    `SELECT n, u.* FROM generate_series(1, 3) AS n LEFT JOIN users u ON u.id = n AND ${condition(draft, { table: 'users', prefix: 'u.' })} WHERE n = ${draft.operand('int4')}`,
  'for update': (draft) => {
    const table = anyTable(draft)
    return `SELECT * FROM "${table}" AS x WHERE ${condition(draft, { table, prefix: 'x.' })} FOR UPDATE OF x`
  },
  sample: (draft) =>
    `SELECT * FROM users TABLESAMPLE BERNOULLI (100) WHERE ${condition(draft, { table: 'users', prefix: '' })}`,
  values: (draft) =>
    `SELECT * FROM (VALUES (${draft.operand('int4')}::int, 'open'::status)) AS v (user_id, status) JOIN tasks t ON t.user_id = v.user_id AND ${equality(draft, { table: 'tasks', prefix: 't.' })}`,
  'parameter twice': (draft) => {
    const param = draft.param(draft.random.oneOf(['none', 'red', 'ab ', 'x=1']))
    return `SELECT * FROM teams WHERE code = ${param} ${draft.random.oneOf(['AND', 'OR'])} ${draft.random.oneOf(['title', 'code', 'lower(title)', 'code::varchar'])} = ${param}`
  },
}

/** A query, the same for the same numbers. */
export function randomRead(random: Random): Tried {
  const form = random.oneOf(Object.keys(FORMS))
  const draft = new Draft(random)
  const sql = FORMS[form]?.(draft) ?? ''
  return draft.done(form, sql)
}

function anyTable({ random }: Draft): string {
  return random.oneOf(Object.keys(TABLES))
}
