import { expect } from 'chai'
import type { CatalogueRows, ForeignKeyRow } from '#src/sql/catalogue-query.js'
import { RowTags, type RowTagsOptions } from '#src/tracking/row-tags.js'
import { rowsFor } from '../sql/catalogue-for-tests.js'
import { rejection } from '../thrown.js'

const key = (relation: string, column: string, referenced: string, actions: string): ForeignKeyRow => ({
  relation,
  columns: [column],
  referenced,
  referencedColumns: ['id'],
  onDelete: actions.charAt(0),
  onUpdate: actions.charAt(1),
})

const ROWS = rowsFor({
  tables: {
    users: { columns: { id: 'serial', email: 'text' }, indexes: [['id'], ['email']] },
    tasks: {
      columns: { id: 'serial', user_id: 'int4', status: 'Status' },
      indexes: [['id'], ['user_id', 'status']],
    },
    notes: { columns: { id: 'serial', task_id: 'int4' }, indexes: [['id']] },
    logs: { columns: { id: 'serial', what: 'text' }, indexes: [['id'], ['what']] },
    sizes: { columns: { id: 'serial', size: 'int4', twice: 'int4!' }, indexes: [['id'], ['twice']] },
    tags: { columns: { id: 'serial', name: 'text' }, indexes: [['id'], ['name']] },
  },
  more: {
    foreignKeys: [key('tasks', 'user_id', 'users', 'cc'), key('notes', 'task_id', 'tasks', 'na')],
    triggers: [
      // BEFORE INSERT OR UPDATE, then AFTER DELETE; each for each row.
      { relation: 'tags', name: 'tidy', type: 1 | 2 | 4 | 16 },
      { relation: 'logs', name: 'tell', type: 1 | 8 },
    ],
  },
})

async function open(options: Partial<RowTagsOptions> = {}, rows: CatalogueRows = ROWS): Promise<RowTags> {
  const query = async () => [{ catalogue: JSON.stringify(rows) }]
  return RowTags.open({ query, warn: () => {}, triggers: { tags: [] }, ...options })
}

describe('row tags', () => {
  let tags: RowTags
  before(async () => {
    tags = await open()
  })

  const read = (sql: string, ...args: unknown[]) => [...tags.tagsOfRead(sql, args)].sort().join(' ')
  const write = (sql: string, args: readonly unknown[] = [], rows?: Record<string, unknown>[]) =>
    [...tags.tagsOfWrite(sql, args, rows)].sort().join(' ')

  describe('of reads', () => {
    it('name the row, the group or the table', () => {
      expect(read('SELECT * FROM users WHERE id = $1', 7)).to.equal('all-tables users#* users#7 users*')
      expect(read('SELECT * FROM tasks WHERE user_id = $1', 7)).to.equal(
        'all-tables tasks* tasks[user_id=*] tasks[user_id=7]',
      )
      expect(read(`SELECT * FROM tasks WHERE user_id = $1 AND status = 'open'`, 7)).to.equal(
        'all-tables tasks* tasks[status=*,user_id=*] tasks[status=*,user_id=7] tasks[status=open,user_id=*] tasks[status=open,user_id=7]',
      )
      expect(read('SELECT * FROM tasks WHERE status = $1', 'open')).to.equal('all-tables tasks* tasks[]')
    })

    it('name each of several groups, and the table for more than 20', () => {
      const ids = (count: number) => Array.from({ length: count }, (_, id) => id)
      const inArray = 'SELECT * FROM users WHERE id = ANY($1)'
      expect(tags.groupsOfRead(inArray, [ids(20)])).to.have.length(20)
      expect(tags.groupsOfRead(inArray, [ids(21)])).to.deep.equal([{ table: 'users', tags: ['users[]'] }])
      expect(tags.groupsOfRead(inArray, [[]])).to.deep.equal([{ table: 'users', tags: [] }])
      expect(tags.groupsOfRead(inArray, ['{1,2}'])).to.deep.equal([{ table: 'users', tags: ['users[]'] }])
    })

    it('name the table where a value cannot be said, or was not given', () => {
      const sql = 'SELECT * FROM users WHERE id = $1'
      expect(read(sql, {})).to.equal('all-tables users* users[]')
      expect(read(sql)).to.equal('all-tables users* users[]')
    })

    it('name nothing but the table at large where nothing can be found', () => {
      expect(read('SELECT * FROM users WHERE id = $1', null)).to.equal('all-tables users*')
    })

    it('are those of any write where anything may have been read', () => {
      expect(read('SELECT * FROM pg_class')).to.equal('all-tables any-table')
      expect(read('SELECT from from')).to.equal('all-tables any-table')
      expect(tags.groupsOfRead('FETCH 10 FROM c', [])).to.deep.equal([{ table: '', tags: ['any-table'] }])
    })

    it('tell databases apart', async () => {
      const other = await open({ database: 'c/m' })
      expect(other.tagsOfRead('SELECT * FROM users WHERE id = $1', [7])).to.include('c%2Fm/users#7')
    })
  })

  describe('of writes', () => {
    it('name the groups that the rows are in', () => {
      expect(write('INSERT INTO tasks (id, user_id) VALUES ($1, 2)', [7])).to.equal(
        'any-table tasks#7 tasks[] tasks[status=(null),user_id=2] tasks[user_id=2]',
      )
    })

    it('name every group where a value is not known', () => {
      expect(write('INSERT INTO users (email) VALUES ($1)', ['a'])).to.equal(
        'any-table users#* users[] users[email=a]',
      )
    })

    it('take what is not said from the rows that were returned', () => {
      const sql = 'INSERT INTO users (email) VALUES (lower($1)) RETURNING id, email AS mail'
      expect(write(sql, ['A'], [{ id: 7, mail: 'a' }])).to.equal('any-table users#7 users[] users[email=a]')
      expect(write(sql, ['A'], [])).to.equal('')
    })

    it('take no rows for those of a text with several statements', () => {
      const sql = `BEGIN; INSERT INTO users (email) VALUES ('a') RETURNING id`
      expect(write(sql, [], [])).to.equal('any-table users#* users[] users[email=a]')
    })

    it('name the groups that a row was in, and is in now', () => {
      expect(write('UPDATE tasks SET user_id = $1 WHERE id = $2', [8, 3])).to.equal(
        'any-table tasks#3 tasks[] tasks[status=*,user_id=*] tasks[status=*,user_id=8] tasks[user_id=*] tasks[user_id=8]',
      )
      const sql = 'UPDATE tasks SET status = $1 WHERE id = $2 RETURNING *'
      expect(write(sql, ['done', 3], [{ id: 3, user_id: 8, status: 'done' }])).to.equal(
        'any-table tasks#3 tasks[] tasks[status=*,user_id=8] tasks[status=done,user_id=8] tasks[user_id=8]',
      )
    })

    it('follow foreign keys', () => {
      expect(write('DELETE FROM users WHERE id = 4')).to.equal(
        'any-table notes#* notes[] notes[task_id=(null)] notes[task_id=*] tasks#* tasks[] tasks[status=*,user_id=4] tasks[user_id=4] users#4 users[] users[email=*]',
      )
      expect(write(`UPDATE users SET email = 'a' WHERE id = 4`)).to.not.include('tasks')
      expect(write('UPDATE users SET id = 5 WHERE id = 4'))
        .to.include('tasks[user_id=4]')
        .and.include('tasks[user_id=5]')
    })

    it('are those of the table where any row may be written', () => {
      expect(write('TRUNCATE logs')).to.equal('any-table logs*')
      expect(write('COPY notes FROM STDIN')).to.equal('any-table notes*')
      const many = Array.from({ length: 201 }, (_, id) => `(${id})`)
      expect(write(`INSERT INTO notes (task_id) VALUES ${many.join()}`)).to.equal('any-table notes*')
    })

    it('take everything where anything may be written', () => {
      for (const sql of [
        'DELETE FROM logs',
        'CREATE TABLE x ()',
        'DO $$ BEGIN END $$',
        'DELETE FROM nowhere',
      ]) {
        expect(write(sql), sql).to.equal('all-tables any-table')
      }
    })

    it('take a generated column for one that is set', () => {
      const sql = 'UPDATE sizes SET size = 2 WHERE id = 1 RETURNING *'
      expect(write(sql, [], [{ id: 1, size: 2, twice: 4 }])).to.equal(
        'any-table sizes#1 sizes[] sizes[twice=*] sizes[twice=4]',
      )
    })

    it('trust no value that a trigger may have changed', () => {
      const sql = `INSERT INTO tags (name) VALUES ('A') RETURNING name`
      expect(write(sql)).to.equal('any-table tags#* tags[] tags[name=*]')
      expect(write(sql, [], [{ name: 'a' }])).to.equal('any-table tags#* tags[] tags[name=a]')
    })
  })

  it('say what each text is', () => {
    const kinds = {
      read: [
        'SELECT 1',
        'WITH a AS (SELECT 1) SELECT * FROM a',
        'FETCH 1 FROM c',
        'EXPLAIN ANALYZE SELECT 1',
      ],
      write: [
        'WITH a AS (DELETE FROM users RETURNING *) SELECT * FROM a',
        'EXECUTE x',
        'COMMIT PREPARED $$x$$',
        'nonsense',
        `SELECT 1 -- \0`,
        'BEGIN; DELETE FROM users; COMMIT',
      ],
      begin: ['BEGIN', 'START TRANSACTION READ ONLY', 'BEGIN; DELETE FROM users'],
      commit: ['COMMIT', 'END', 'COMMIT AND CHAIN', `PREPARE TRANSACTION 'x'`, 'DELETE FROM users; COMMIT'],
      rollback: ['ROLLBACK', 'ABORT'],
      ddl: [
        'CREATE INDEX ON users (email)',
        'SELECT 1 AS a INTO b',
        'ALTER TABLE users ADD x int',
        'DROP TABLE users',
      ],
      nothing: [
        '',
        '-- x',
        'SAVEPOINT a',
        'ROLLBACK TO a',
        'RELEASE a',
        'SET a.b = 1',
        'EXPLAIN DELETE FROM users',
        'LISTEN x',
        'VACUUM',
      ],
    }
    for (const [kind, texts] of Object.entries(kinds)) {
      for (const sql of texts) expect(tags.kindOf(sql), sql).to.equal(kind)
    }
    expect(tags.beginsTransaction('COMMIT AND CHAIN')).to.equal(true)
    expect(tags.beginsTransaction('COMMIT')).to.equal(false)
    expect(tags.beginsTransaction('COMMIT; BEGIN')).to.equal(true)
  })

  it('warn once of triggers that are not declared, with what to write', async () => {
    const warnings: string[] = []
    const warned = await open({ warn: (message) => warnings.push(message) })
    for (let time = 0; time < 2; time += 1) warned.tagsOfWrite('DELETE FROM logs', [])
    expect(warnings).to.have.length(1)
    expect(warnings[0]).to.include('triggers: { "logs": [')
  })

  it('refuse a table that is not there', async () => {
    const error = await rejection(open({ triggers: { tags: ['nowhere'] } }))
    expect(error.code).to.equal('E_CACHE_OPTION')
    expect(error.message).to.include(`no table 'nowhere'`)
  })

  it('take names without a schema for any table once the search path has been changed', async () => {
    const moved = await open()
    expect(moved.tagsOfRead('SELECT * FROM users', [])).to.include('users[]')
    moved.kindOf('SET search_path TO other')
    expect(moved.tagsOfRead('SELECT * FROM users', [])).to.deep.equal(['all-tables', 'any-table'])
    expect(moved.tagsOfRead('SELECT * FROM public.users', [])).to.include('users[]')
  })

  it('know the tables that are there after a change of them', async () => {
    let rows = ROWS
    const changing = await RowTags.open({
      query: async () => [{ catalogue: JSON.stringify(rows) }],
      warn: () => {},
    })
    expect(changing.tagsOfRead('SELECT * FROM later', [])).to.include('any-table')
    rows = rowsFor({ tables: { later: { columns: { id: 'int4' } } } })
    await changing.refresh()
    expect(changing.tagsOfRead('SELECT * FROM later', [])).to.include('later[]')
  })
})
