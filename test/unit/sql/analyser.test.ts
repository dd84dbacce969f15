import { expect } from 'chai'
import { Analyser } from '#src/sql/analyser.js'
import { Catalogue } from '#src/sql/catalogue.js'
import type { Effects } from '#src/sql/statement.js'
import { StatementReader } from '#src/sql/statement-reader.js'
import { rowsFor } from './catalogue-for-tests.js'
import { readsAsText, writesAsText } from './effects-as-text.js'

const ROWS = rowsFor({
  tables: {
    users: { columns: { id: 'serial', email: 'text', active: 'bool', role: 'Role', born: 'date' } },
    tasks: { columns: { id: 'uuid', user_id: 'int4', status: 'Status', title: 'varchar', length: 'int4!' } },
    teams: { columns: { code: 'text', user_id: 'int4' } },
    entries: { columns: { id: 'int8' }, schema: 'audit' },
  },
  views: {
    open_tasks: `SELECT id FROM tasks WHERE status = 'open'::"Status"`,
    people: 'SELECT id FROM users',
  },
  more: {
    functions: [
      { schema: 'public', name: 'score', isVolatile: false },
      { schema: 'public', name: 'tidy', isVolatile: true },
      { schema: 'public', name: 'known', isVolatile: true },
    ],
    operators: [{ name: '<~>', schema: 'public', function: 'score' }],
    policies: [
      { relation: 'teams', condition: '(EXISTS (SELECT 1 FROM users WHERE users.id = teams.user_id))' },
    ],
  },
})

const READS: readonly (readonly [sql: string, reads: string])[] = [
  ['SELECT 1', ''],
  ['SELECT * FROM users', 'users'],
  ['SELECT * FROM audit.entries WHERE id = $1', 'audit.entries(id=$1)'],
  ['SELECT * FROM entries', '?'],
  ['SELECT * FROM pg_class', '?'],
  // Equalities.
  ['SELECT * FROM users WHERE id = $1', 'users(id=$1)'],
  ['SELECT * FROM users WHERE $1 = id AND 1=1', 'users(id=$1)'],
  ['SELECT * FROM users WHERE (id = 7) AND (email = $1 AND born > $2)', 'users(email=$1,id=7)'],
  ['SELECT * FROM users u WHERE u.id = -7', 'users(id=-7)'],
  ['SELECT * FROM public.users WHERE public.users.id = 0', 'users(id=0)'],
  ['SELECT * FROM users WHERE id IN ($1, 2, NULL)', 'users(id=$1|2)'],
  ['SELECT * FROM users WHERE id = ANY($1)', 'users(id=$1[])'],
  ['SELECT * FROM users WHERE id = ANY(ARRAY[$1, $2]::int[])', 'users(id=$1|$2)'],
  ['SELECT * FROM users WHERE id = NULL', 'users(id=)'],
  ['SELECT * FROM users WHERE email IS NULL', 'users(email=null)'],
  ['SELECT * FROM users WHERE active', 'users(active=true)'],
  ['SELECT * FROM users WHERE NOT active', 'users(active=false)'],
  ['SELECT * FROM users WHERE active IS NOT TRUE', 'users(active=false|null)'],
  ['SELECT * FROM users WHERE id = 1 OR id = $1', 'users(id=1|$1)'],
  ['SELECT * FROM users WHERE (id = 1 AND email = $1) OR id = 2', 'users(id=1|2)'],
  ['SELECT * FROM users WHERE id = 1 OR email = $1', 'users'],
  ['SELECT * FROM users WHERE (id, email) IN ((1, $1), (2, $2))', 'users(email=$1|$2,id=1|2)'],
  // Casts.
  ['SELECT * FROM users WHERE id = $1::bigint', 'users(id=$1)'],
  ['SELECT * FROM users WHERE id = $1::numeric', 'users'],
  ['SELECT * FROM users WHERE email = $1::varchar', 'users(email=$1)'],
  ['SELECT * FROM users WHERE email = $1::varchar(3)', 'users'],
  ['SELECT * FROM users WHERE email = $1::int::text', 'users'],
  ['SELECT * FROM users WHERE email = $1::char(3)', 'users'],
  ['SELECT * FROM users WHERE email::int = $1', 'users'],
  ['SELECT * FROM users WHERE id::text = $1', 'users(id=$1)'],
  ['SELECT * FROM users WHERE role = CAST($1::text AS "public"."Role")', 'users(role=$1)'],
  ['SELECT * FROM users WHERE role = $1::other."Role"', 'users'],
  ['SELECT * FROM users WHERE role = ANY($1::text[]::"Role"[])', 'users(role=$1[])'],
  // What is no equality of texts.
  ['SELECT * FROM users WHERE id = 1.0', 'users'],
  ['SELECT * FROM users WHERE id <> 1', 'users'],
  ['SELECT * FROM users WHERE NOT (id = 1)', 'users'],
  ['SELECT * FROM users WHERE (id = 1) IS NOT TRUE', 'users'],
  ['SELECT * FROM users WHERE id OPERATOR(public.=) 1', 'users'],
  ['SELECT * FROM users WHERE email COLLATE "und-x-icu" = $1', 'users'],
  ['SELECT * FROM users WHERE lower(email) = $1', 'users'],
  ['SELECT * FROM users WHERE born = $1', 'users'],
  ['SELECT * FROM users WHERE id IN (1, 2.5)', 'users'],
  ['SELECT id FROM users GROUP BY id HAVING id = 1', 'users'],
  ['SELECT * FROM users TABLESAMPLE SYSTEM (1) WHERE id = 1', 'users'],
  // Joins: ON says nothing of the side that is kept whole, and IS NULL nothing of the side that is filled.
  ['SELECT * FROM users u JOIN tasks t ON u.id = 1 AND t.user_id = 2', 'users(id=1) tasks(user_id=2)'],
  ['SELECT * FROM users u LEFT JOIN tasks t ON u.id = 1 AND t.user_id = 2', 'users tasks(user_id=2)'],
  ['SELECT * FROM users u RIGHT JOIN tasks t ON u.id = 1 AND t.user_id = 2', 'users(id=1) tasks'],
  ['SELECT * FROM users u FULL JOIN tasks t ON u.id = 1 AND t.user_id = 2', 'users tasks'],
  ['SELECT * FROM users u LEFT JOIN tasks t ON true WHERE t.user_id = 2', 'users tasks(user_id=2)'],
  ['SELECT * FROM users u LEFT JOIN tasks t ON true WHERE t.user_id IS NULL', 'users tasks'],
  ['SELECT * FROM users u LEFT JOIN tasks t ON t.user_id IS NULL', 'users tasks(user_id=null)'],
  ['SELECT * FROM users u LEFT JOIN tasks t ON true WHERE u.email IS NULL', 'users(email=null) tasks'],
  ['SELECT * FROM users, tasks WHERE email = $1 AND user_id = 2', 'users(email=$1) tasks(user_id=2)'],
  ['SELECT * FROM users, tasks WHERE id = 1', 'users tasks'],
  ['SELECT * FROM teams JOIN tasks USING (user_id) WHERE user_id = 1', 'teams users tasks'],
  ['SELECT * FROM tasks NATURAL JOIN (SELECT 1 AS user_id) s WHERE user_id = 1', 'tasks'],
  ['SELECT * FROM (users u JOIN tasks t ON true) AS j WHERE j.email = $1 AND user_id = 1', 'users tasks'],
  ['SELECT * FROM users AS u (email, id) WHERE u.id = 1', 'users'],
  // Queries within queries: a name that the inner table has not is the outer one's.
  ['SELECT * FROM users WHERE id IN (SELECT user_id FROM tasks WHERE status = $1)', 'users tasks(status=$1)'],
  [
    'SELECT (SELECT count(*) FROM tasks WHERE user_id = u.id) FROM users u WHERE u.id = 1',
    'users(id=1) tasks',
  ],
  ['SELECT * FROM users WHERE EXISTS (SELECT FROM tasks WHERE email = $1)', 'users tasks'],
  ['SELECT * FROM users WHERE EXISTS (SELECT FROM tasks WHERE id = $1)', 'users tasks(id=$1)'],
  [
    'SELECT * FROM users u, LATERAL (SELECT FROM tasks t WHERE u.id = 1 AND t.user_id = 2) l',
    'users tasks(user_id=2)',
  ],
  ['SELECT * FROM (SELECT * FROM users) s WHERE s.id = 1', 'users'],
  ['WITH users AS (SELECT * FROM tasks WHERE id = $1) SELECT * FROM users WHERE id = 1', 'tasks(id=$1)'],
  ['WITH a AS (SELECT * FROM a) SELECT * FROM a', '?'],
  ['WITH RECURSIVE a AS (SELECT id FROM users UNION SELECT id FROM a) SELECT * FROM a', 'users'],
  ['SELECT id FROM users WHERE id = 1 UNION SELECT user_id FROM tasks', 'users(id=1) tasks'],
  ['VALUES (1), ((SELECT id FROM users WHERE id = 2))', 'users(id=2)'],
  ['SELECT * FROM generate_series(1, 2) n LEFT JOIN users ON id = 1', 'users(id=1)'],
  ['SELECT * FROM users WHERE id = 1 FOR UPDATE OF users', 'users(id=1)'],
  ['COPY users TO STDOUT', 'users'],
  ['COPY (SELECT * FROM users WHERE id = 1) TO STDOUT', 'users(id=1)'],
  ['EXPLAIN ANALYZE SELECT * FROM users', 'users'],
  // Views, policies and functions.
  ['SELECT * FROM open_tasks WHERE id = $1', 'tasks(status=open)'],
  ['SELECT * FROM teams', 'teams users'],
  ['SELECT score(1)', '?'],
  ['SELECT known(1)', 'users'],
  ['SELECT upper(email) FROM users', 'users'],
  ['SELECT pg_catalog.score(1)', ''],
  ['SELECT 1 <~> 2', '?'],
  ['SELECT u.score FROM users u', 'users ?'],
  ['SELECT (u).score FROM users u', 'users ?'],
  [`SELECT query_to_xml('SELECT 1', true, true, '')`, '?'],
]

const WRITES: readonly (readonly [sql: string, writes: string])[] = [
  ['SELECT * FROM users', ''],
  [
    'INSERT INTO teams (code, user_id) VALUES ($1, 2), ($2, NULL)',
    'insert teams (code=$1,user_id=2) (code=$2,user_id=null)',
  ],
  ['INSERT INTO teams VALUES ($1)', 'insert teams (code=$1,user_id=null)'],
  ['INSERT INTO teams (code) VALUES (lower($1))', 'insert teams (code=?,user_id=null)'],
  [
    'INSERT INTO users (id, email) VALUES (DEFAULT, DEFAULT)',
    'insert users (id=?,email=null,active=null,role=null,born=null)',
  ],
  ['INSERT INTO users DEFAULT VALUES', 'insert users (id=?,email=null,active=null,role=null,born=null)'],
  [
    'INSERT INTO users (id) OVERRIDING USER VALUE VALUES (7)',
    'insert users (id=?,email=null,active=null,role=null,born=null)',
  ],
  ['INSERT INTO teams SELECT email, id FROM users', 'insert teams some'],
  [
    'INSERT INTO teams (code) VALUES ($1) ON CONFLICT (code) DO UPDATE SET user_id = 3, code = excluded.code',
    'insert teams (code=$1,user_id=null) at code set user_id=3,code=excluded.code',
  ],
  ['INSERT INTO teams (code) VALUES ($1) ON CONFLICT DO NOTHING', 'insert teams (code=$1,user_id=null)'],
  ['UPDATE users SET email = $1 WHERE id = $2', 'update users(id=$2) set email=$1'],
  [
    'UPDATE users AS u SET email = u.email || $1, active = true WHERE u.id = 1',
    'update users(id=1) set email=?,active=true',
  ],
  ['UPDATE users SET (email, active) = ($1, true)', 'update users set email=?,active=?'],
  ['UPDATE users SET email = DEFAULT, id = DEFAULT', 'update users set email=null,id=?'],
  ['UPDATE tasks SET length = 1', 'update tasks set length=?'],
  [
    'UPDATE tasks t SET user_id = 1 FROM users u WHERE u.id = t.user_id AND t.id = $1 AND email = $2',
    'update tasks(id=$1) set user_id=1',
  ],
  ['DELETE FROM tasks USING users u WHERE tasks.user_id = 7', 'delete tasks(user_id=7)'],
  ['DELETE FROM tasks WHERE CURRENT OF c', 'delete tasks'],
  [
    'WITH gone AS (DELETE FROM tasks WHERE user_id = $1 RETURNING *) SELECT * FROM gone',
    'delete tasks(user_id=$1)',
  ],
  ['MERGE INTO users USING teams ON false WHEN NOT MATCHED THEN INSERT DEFAULT VALUES', 'any users'],
  ['TRUNCATE users, tasks CASCADE', 'truncate users cascade; truncate tasks cascade'],
  ['COPY users FROM STDIN', 'any users'],
  ['EXPLAIN ANALYZE DELETE FROM users', 'delete users'],
  ['UPDATE people SET id = 1', 'any users'],
  ['UPDATE nowhere SET id = 1', '?'],
  ['SELECT tidy()', '?'],
  ['SELECT score(1)', ''],
  ['SELECT known(1)', 'any tasks'],
  ['CALL known(1)', 'any tasks'],
  // What RETURNING gives.
  ['DELETE FROM teams RETURNING *', 'delete teams returned code,user_id'],
  ['DELETE FROM teams AS t RETURNING t.*', 'delete teams returned code,user_id'],
  ['DELETE FROM users RETURNING id, "role"::text', 'delete users returned id,role'],
  ['DELETE FROM users RETURNING email AS id, id AS "key"', 'delete users returned email:id,id:key'],
  ['DELETE FROM users RETURNING id, email AS id', 'delete users returned '],
  ['DELETE FROM users RETURNING id, (SELECT 1 AS id)', 'delete users returned '],
  ['DELETE FROM users RETURNING id::numeric, email', 'delete users returned email'],
  ['DELETE FROM tasks t USING users u RETURNING *', 'delete tasks returned '],
  ['DELETE FROM tasks t USING users u RETURNING t.id, u.email', 'delete tasks returned id'],
  ['UPDATE teams SET code = $1 RETURNING old.code, new.user_id', 'update teams set code=$1 returned '],
]

describe('analyser', () => {
  let reader: StatementReader
  let analyser: Analyser

  before(async () => {
    reader = await StatementReader.load()
    const catalogue = new Catalogue(ROWS)
    const table = (name: string) => {
      const found = catalogue.tables.get(name)
      if (!found) throw new Error(`no ${name}`)
      return found
    }
    const functions = new Map([['known', { reads: [table('users')], writes: [table('tasks')] }]])
    analyser = new Analyser({ reader, catalogue, functions, triggers: new Map() })
  })

  const effectsOf = (sql: string): Effects => {
    const [statement] = reader.read(sql) ?? []
    if (!statement) throw new Error(`cannot be read: ${sql}`)
    return analyser.effectsOf(statement)
  }

  describe('finds what is read', () => {
    for (const [sql, reads] of READS) it(sql, () => expect(readsAsText(effectsOf(sql))).to.equal(reads))
  })

  describe('finds what is written', () => {
    for (const [sql, writes] of WRITES) it(sql, () => expect(writesAsText(effectsOf(sql))).to.equal(writes))
  })

  it('tells which parameters may have another type than a column that they are compared with', () => {
    const looseIn = (sql: string) => [...effectsOf(sql).looseParams].join()
    expect(looseIn('SELECT * FROM users WHERE email = $1')).to.equal('')
    expect(looseIn('SELECT * FROM users, teams WHERE email = $1 AND code = $1')).to.equal('')
    expect(looseIn('SELECT * FROM users WHERE email = $1 AND born = $1')).to.equal('0')
    expect(looseIn('SELECT $2 FROM users WHERE email = $1')).to.equal('1')
  })

  it('says what to declare', () => {
    expect(effectsOf('SELECT tidy()').undeclared.join()).to.include('functions: { tidy:')
  })

  it('notices that names without a schema change their meaning', () => {
    const changes = (sql: string) => effectsOf(sql).changesPath
    expect(changes('SET search_path TO public')).to.equal(false)
    expect(changes('SET search_path TO "$user", public')).to.equal(false)
    expect(changes('SET search_path TO audit, public')).to.equal(true)
    expect(changes('SET LOCAL search_path = audit')).to.equal(true)
    expect(changes('RESET ALL')).to.equal(true)
    expect(changes('SET statement_timeout = 1')).to.equal(false)
    expect(changes(`SELECT set_config('search_path', $1, true)`)).to.equal(true)
    expect(changes(`SELECT set_config('app.tenant', $1, true)`)).to.equal(false)
  })
})
