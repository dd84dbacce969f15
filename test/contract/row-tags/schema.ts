/** Keys of every type, foreign keys with every action, partitions, views, triggers and functions. */
export const SCHEMA = `
CREATE TYPE status AS ENUM ('open', 'done', 'held');
CREATE TYPE "Role" AS ENUM ('reader', 'writer', 'owner');

CREATE TABLE users (
  id serial PRIMARY KEY,
  email text UNIQUE,
  name varchar(6),
  role "Role" NOT NULL DEFAULT 'reader',
  active boolean DEFAULT true,
  boss_id int REFERENCES users ON DELETE SET NULL ON UPDATE CASCADE
);
CREATE INDEX ON users (role, active);
CREATE INDEX ON users (name);

CREATE TABLE teams (code text PRIMARY KEY, title text);
CREATE INDEX ON teams (lower(title));
INSERT INTO teams VALUES ('none', 'No team');

CREATE TABLE tasks (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id int REFERENCES users ON DELETE CASCADE ON UPDATE CASCADE,
  team_code text DEFAULT 'none' REFERENCES teams ON DELETE SET DEFAULT ON UPDATE CASCADE,
  status status NOT NULL DEFAULT 'open',
  points int8,
  twice int8 GENERATED ALWAYS AS (points * 2) STORED
);
CREATE INDEX ON tasks (user_id, status);
CREATE INDEX ON tasks (team_code, points, status);
CREATE INDEX ON tasks (twice);
CREATE INDEX ON tasks (status) WHERE points > 1;

CREATE TABLE comments (
  id serial PRIMARY KEY,
  task_id uuid REFERENCES tasks ON DELETE CASCADE,
  parent_id int REFERENCES comments ON DELETE CASCADE,
  body text
);

CREATE TABLE prices (region text, product int2, amount int, PRIMARY KEY (region, product));
CREATE TABLE offers (
  id serial PRIMARY KEY,
  region text,
  product int2,
  FOREIGN KEY (region, product) REFERENCES prices ON DELETE SET NULL ON UPDATE CASCADE
);

CREATE TABLE tags (id serial PRIMARY KEY, name text UNIQUE);
CREATE TABLE "_TaskToTag" (
  "A" uuid NOT NULL REFERENCES tasks ON DELETE CASCADE ON UPDATE CASCADE,
  "B" int NOT NULL REFERENCES tags ON DELETE CASCADE ON UPDATE CASCADE,
  PRIMARY KEY ("A", "B")
);
CREATE INDEX ON "_TaskToTag" ("B");

CREATE TABLE events (id int, day int, user_id int, kind status, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE events_early PARTITION OF events FOR VALUES FROM (MINVALUE) TO (5);
CREATE TABLE events_late PARTITION OF events FOR VALUES FROM (5) TO (MAXVALUE);
CREATE INDEX ON events (user_id);
CREATE TABLE notes (
  id serial PRIMARY KEY,
  event_id int,
  event_day int,
  FOREIGN KEY (event_id, event_day) REFERENCES events ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE VIEW open_tasks AS
  SELECT t.id, t.user_id, u.email FROM tasks t JOIN users u ON u.id = t.user_id WHERE t.status = 'open' AND u.active;
CREATE VIEW readers AS SELECT id, email, active FROM users WHERE role = 'reader';

CREATE TABLE audit (id serial PRIMARY KEY, table_name text, row_id text);
CREATE INDEX ON audit (table_name);
CREATE FUNCTION audit_user() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN INSERT INTO audit (table_name, row_id) VALUES ('users', coalesce(OLD.id, NEW.id)::text); RETURN NULL; END $$;
CREATE TRIGGER audit_user AFTER UPDATE OR DELETE ON users FOR EACH ROW EXECUTE FUNCTION audit_user();

CREATE FUNCTION lower_tag() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN NEW.name := lower(NEW.name); RETURN NEW; END $$;
CREATE TRIGGER lower_tag BEFORE INSERT OR UPDATE ON tags FOR EACH ROW EXECUTE FUNCTION lower_tag();

CREATE FUNCTION tasks_of(int) RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM tasks WHERE user_id = $1';
CREATE FUNCTION finish(int) RETURNS void LANGUAGE sql AS 'UPDATE tasks SET status = ''done'' WHERE user_id = $1';
`

/** What the database does that no statement says. */
export const DECLARED = {
  triggers: { users: ['audit'], tags: [] },
  functions: { tasks_of: { reads: ['tasks'] }, finish: { writes: ['tasks'] } },
}

export type ColumnType = 'int2' | 'int4' | 'int8' | 'text' | 'uuid' | 'boolean' | 'status' | 'Role'

/** The columns that statements are about, and their types. */
export const TABLES: Readonly<Record<string, Readonly<Record<string, ColumnType>>>> = {
  users: { id: 'int4', email: 'text', name: 'text', role: 'Role', active: 'boolean', boss_id: 'int4' },
  teams: { code: 'text', title: 'text' },
  tasks: {
    id: 'uuid',
    user_id: 'int4',
    team_code: 'text',
    status: 'status',
    points: 'int8',
    twice: 'int8',
  },
  comments: { id: 'int4', task_id: 'uuid', parent_id: 'int4', body: 'text' },
  prices: { region: 'text', product: 'int2', amount: 'int4' },
  offers: { id: 'int4', region: 'text', product: 'int2' },
  tags: { id: 'int4', name: 'text' },
  _TaskToTag: { A: 'uuid', B: 'int4' },
  events: { id: 'int4', day: 'int4', user_id: 'int4', kind: 'status' },
  notes: { id: 'int4', event_id: 'int4', event_day: 'int4' },
  audit: { id: 'int4', table_name: 'text', row_id: 'text' },
}

/** Of each, a column that joins another table, for two columns the first. */
export const JOINS: readonly (readonly [
  table: string,
  column: string,
  other: string,
  otherColumn: string,
])[] = [
  ['tasks', 'user_id', 'users', 'id'],
  ['tasks', 'team_code', 'teams', 'code'],
  ['comments', 'task_id', 'tasks', 'id'],
  ['comments', 'parent_id', 'comments', 'id'],
  ['users', 'boss_id', 'users', 'id'],
  ['offers', 'region', 'prices', 'region'],
  ['_TaskToTag', 'A', 'tasks', 'id'],
  ['_TaskToTag', 'B', 'tags', 'id'],
  ['events', 'user_id', 'users', 'id'],
  ['notes', 'event_id', 'events', 'id'],
]

/** Not generated. */
export function settableColumns(table: string): readonly string[] {
  return Object.keys(TABLES[table] ?? {}).filter((column) => column !== 'twice')
}
