import { expect } from 'chai'
import { Catalogue } from '#src/sql/catalogue.js'
import type { Table } from '#src/sql/relation.js'
import { shapesOf } from '#src/tracking/shapes.js'
import { onEachDatabase } from './row-tags/on-each-database.js'
import { SCHEMA } from './row-tags/schema.js'

const MORE = `
CREATE SCHEMA audit;
CREATE TABLE audit.entries (id int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz, who text, code char(3));
CREATE INDEX ON audit.entries (at, who);
CREATE INDEX ON audit.entries (who, lower(who), code);
CREATE INDEX ON audit.entries (code);
CREATE TABLE base (id int PRIMARY KEY, kind text);
CREATE TABLE derived (extra int) INHERITS (base);
CREATE TABLE guarded (id int PRIMARY KEY, owner_id int);
ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON guarded USING (owner_id IN (SELECT id FROM users WHERE active));
CREATE RULE also AS ON INSERT TO base DO ALSO INSERT INTO audit.entries (who) VALUES ('base');
CREATE FUNCTION alike(int, int) RETURNS boolean LANGUAGE sql AS 'SELECT $1 = $2';
CREATE OPERATOR <~> (LEFTARG = int, RIGHTARG = int, FUNCTION = alike);
CREATE MATERIALIZED VIEW summary AS SELECT count(*) AS n FROM users;
CREATE TEMP TABLE scratch (id int);
`

describe('catalogue', () => {
  onEachDatabase((database, name) => {
    let catalogue: Catalogue
    before(async function () {
      this.timeout(30_000)
      await database.exec(SCHEMA)
      await database.exec(MORE)
      catalogue = await Catalogue.read(async (sql) => (await database.query(sql, [])).rows)
    })

    const table = (tableName: string): Table => {
      const found = catalogue.tables.get(tableName)
      if (!found) throw new Error(`no ${tableName}`)
      return found
    }
    const shapes = (tableName: string) =>
      shapesOf(table(tableName), '').map(({ columns }) => columns.map((column) => column.name).join())

    it('has the tables of all schemas, and no other', () => {
      expect([...catalogue.tables.keys()].sort()).to.deep.equal(
        [
          '_TaskToTag',
          'audit',
          'audit.entries',
          'base',
          'comments',
          'events',
          'guarded',
          'notes',
          'offers',
          'prices',
        ]
          .concat(['summary', 'tags', 'tasks', 'teams', 'users'])
          .sort(),
      )
      expect(catalogue.relation('scratch')).to.equal(undefined)
      expect(catalogue.relation('users_id_seq')).to.equal(undefined)
      expect(catalogue.relation('entries')).to.equal(undefined)
      expect(catalogue.relation('pg_class')).to.equal(undefined)
      expect(catalogue.relation('open_tasks')?.kind).to.equal('view')
    })

    it('makes groups of keys, of the beginnings of indexes and of foreign keys, the most telling first', () => {
      expect(shapes('users')).to.deep.equal(['email', 'id', 'active,role', 'boss_id', 'name', 'role'])
      expect(shapes('tasks')).to.deep.equal([
        'id',
        'points,team_code',
        'status,user_id',
        'team_code',
        'twice',
        'user_id',
      ])
      expect(shapes('prices')).to.deep.equal(['product,region', 'region'])
      expect(shapes('offers')).to.deep.equal(['id', 'product,region'])
      expect(shapes('events')).to.deep.equal(['day,id', 'id', 'user_id'])
    })

    it('makes none of expressions, of conditions, or of types that compare otherwise', () => {
      expect(shapes('teams')).to.deep.equal(['code'])
      expect(shapes('audit.entries')).to.deep.equal(['id', 'who'])
    })

    it('knows defaults, generated columns and lengths', () => {
      const { columns } = table('tasks')
      expect(columns.get('id')?.hasDefault).to.equal(true)
      expect(columns.get('points')?.hasDefault).to.equal(false)
      expect(columns.get('twice')?.isGenerated).to.equal(true)
      expect(columns.get('status')?.enumType).to.equal('public.status')
      expect(table('users').columns.get('name')?.isLimited).to.equal(true)
      expect(table('audit.entries').columns.get('id')?.hasDefault).to.equal(true)
    })

    it('follows foreign keys from both ends, once for all partitions', () => {
      const children = (parent: string) =>
        table(parent).referencedBy.map((key) => `${key.table.name}: ${key.onDelete}, ${key.onUpdate}`)
      expect(children('users').sort()).to.deep.equal(['tasks: cascade, cascade', 'users: set null, cascade'])
      expect(children('teams')).to.deep.equal(['tasks: set default, cascade'])
      expect(children('events')).to.deep.equal(['notes: cascade, cascade'])
    })

    it('takes partitions and heirs for their parent', () => {
      const tableOf = (relation: string) => {
        const found = catalogue.relation(relation)
        return found?.kind === 'table' ? found.table.name : undefined
      }
      expect(tableOf('events_late')).to.equal('events')
      expect(tableOf('derived')).to.equal('base')
    })

    it('knows triggers, rules and policies', () => {
      expect(
        table('users').triggers.map((trigger) => [trigger.name, [...trigger.events].sort().join()]),
      ).to.deep.equal([['audit_user', 'delete,update']])
      expect(table('tags').triggers[0]?.isBefore).to.equal(true)
      expect(table('base').triggers[0]?.isRule).to.equal(true)
      expect(table('guarded').policies[0]).to.include('owner_id')
    })

    it('knows functions and operators that are not PostgreSQL’s own', () => {
      expect(catalogue.functions('finish')).to.deep.equal([
        { schema: 'public', name: 'finish', isVolatile: true },
      ])
      expect(catalogue.functions('tasks_of')[0]?.isVolatile).to.equal(false)
      expect(catalogue.functions('lower')).to.deep.equal([])
      expect(catalogue.functionsOfOperator('<~>')).to.deep.equal(['alike'])
      expect(catalogue.functionsOfOperator('=')).to.deep.equal([])
    })

    if (name === 'PostgreSQL') {
      it('makes no groups of texts of which two that differ are the same', async () => {
        await database.exec(`
          CREATE COLLATION any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
          CREATE TABLE loose (id int PRIMARY KEY, name text COLLATE any_case UNIQUE)`)
        const later = await Catalogue.read(async (sql) => (await database.query(sql, [])).rows)
        const loose = later.tables.get('loose')
        expect(loose && shapesOf(loose, '').map(({ columns }) => columns[0]?.name)).to.deep.equal(['id'])
      })

      it('has an extension’s own functions, but for those of extensions that are known to do nothing', async () => {
        const sql = `SELECT name FROM pg_available_extensions WHERE name IN ('pgcrypto', 'dblink')`
        if ((await database.query(sql, [])).rows.length < 2) return
        await database.exec('CREATE EXTENSION pgcrypto; CREATE EXTENSION dblink')
        const later = await Catalogue.read(async (text) => (await database.query(text, [])).rows)
        expect(later.functions('crypt')).to.deep.equal([])
        expect(later.functions('dblink')).to.have.length(1)
      })
    }
  })
})
