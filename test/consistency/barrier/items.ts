import type pg from 'pg'

/** Few, so that all get in each other's way. */
export const ITEMS = 60
export const GROUPS = 8

/** A row as answers have it. */
export interface Item {
  readonly id: number
  readonly version: number
  readonly groupId: number
}

const COLUMNS = 'id, version, group_id AS "groupId"'

/** A trigger and a function that change rows, too. */
export const TABLES = `
CREATE TABLE items (id int PRIMARY KEY, version int NOT NULL, group_id int NOT NULL);
CREATE INDEX ON items (group_id);
ALTER TABLE items REPLICA IDENTITY FULL;
CREATE TABLE orders (id serial PRIMARY KEY, item int NOT NULL);
INSERT INTO items SELECT id, 0, id % ${GROUPS} FROM generate_series(1, ${ITEMS}) AS id;
CREATE FUNCTION raise(item int) RETURNS SETOF items LANGUAGE sql AS
  'UPDATE items SET version = version + 1 WHERE id = item RETURNING *';
CREATE FUNCTION note_order() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN UPDATE items SET version = version + 1 WHERE id = NEW.item; RETURN NULL; END';
CREATE PUBLICATION express_cacheable FOR ALL TABLES;
CREATE TRIGGER note_order AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION note_order();
`

export const READS = {
  item: `SELECT ${COLUMNS} FROM items WHERE id = $1`,
  group: `SELECT ${COLUMNS} FROM items WHERE group_id = $1`,
  all: `SELECT ${COLUMNS} FROM items`,
} as const

type Write = (client: pg.PoolClient, id: number, other: number) => Promise<readonly Item[]>

const RAISE = `UPDATE items SET version = version + 1 WHERE id = $1 RETURNING ${COLUMNS}`

/** Raw SQL, in the ways in which applications write past everything: each raises the versions of what it answers. */
const BY_SQL = {
  update: (client, id) => rowsOf(client, RAISE, [id]),
  function: (client, id) => rowsOf(client, `SELECT ${COLUMNS} FROM raise($1)`, [id]),
  trigger: (client, id) =>
    within(client, async () => {
      await client.query('INSERT INTO orders (item) VALUES ($1)', [id])
      return rowsOf(client, READS.item, [id])
    }),
  several: (client, id, other) =>
    within(client, async () => {
      // In one order, as two that wait for each other would both fail.
      const [first, second] = [Math.min(id, other), Math.max(id, other)]
      const rows = await rowsOf(client, RAISE, [first])
      return first === second ? rows : [...rows, ...(await rowsOf(client, RAISE, [second]))]
    }),
  replace: (client, id) =>
    within(client, async () => {
      const [gone] = await rowsOf(client, `DELETE FROM items WHERE id = $1 RETURNING ${COLUMNS}`, [id])
      if (!gone) return []
      const values = [id, gone.version + 1, gone.groupId]
      return rowsOf(client, `INSERT INTO items VALUES ($1, $2, $3) RETURNING ${COLUMNS}`, values)
    }),
  move: (client, id, groupId) =>
    rowsOf(
      client,
      `UPDATE items SET version = version + 1, group_id = $2 WHERE id = $1 RETURNING ${COLUMNS}`,
      [id, groupId],
    ),
} as const satisfies Record<string, Write>

export type WriteKind = keyof typeof BY_SQL
export const WRITES = Object.keys(BY_SQL) as WriteKind[]

/** @param other - Another row, or where it is to move. */
export async function write(
  pool: pg.Pool,
  kind: WriteKind,
  id: number,
  other: number,
): Promise<readonly Item[]> {
  const client = await pool.connect()
  try {
    return await BY_SQL[kind](client, id, other)
  } finally {
    client.release()
  }
}

async function rowsOf(client: pg.PoolClient, text: string, values: readonly number[]): Promise<Item[]> {
  return (await client.query(text, [...values])).rows
}

async function within<Result>(client: pg.PoolClient, work: () => Promise<Result>): Promise<Result> {
  await client.query('BEGIN')
  try {
    const result = await work()
    await client.query('COMMIT')
    return result
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  }
}
