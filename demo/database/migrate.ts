import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type { Prisma, PrismaClient } from '../prisma/generated/client.js'

/** The compiled file lies in build/demo/database; the migrations stay where Prisma looks for them. */
const MIGRATIONS = new URL('../../../demo/prisma/migrations/', import.meta.url)

/** The number that `prisma migrate` locks too, so that the two never run side by side. */
const MIGRATION_LOCK = 72_707_369

interface Migration {
  readonly name: string
  readonly sql: string
}

/**
 * Applies every migration that the database has not had yet, in order, all or nothing.
 *
 * The record is the table that `prisma migrate deploy` keeps, with the same columns and checksums: whichever of
 * the two runs first, the other finds its work done. Several processes may start at once: one migrates, the
 * others wait at the lock.
 *
 * @returns The names of the migrations applied now.
 */
export async function migrate(prisma: PrismaClient): Promise<string[]> {
  const migrations = await readMigrations()
  return prisma.$transaction(
    async (transaction) => {
      await lockDatabase(transaction)
      await createRecord(transaction)
      const applied = await appliedNames(transaction)
      const pending = migrations.filter(({ name }) => !applied.has(name))
      for (const migration of pending) await apply(transaction, migration)
      return pending.map(({ name }) => name)
    },
    { maxWait: 10_000, timeout: 60_000 },
  )
}

/** Lets one process at a time past this line, until its transaction ends. */
export async function lockDatabase(transaction: Prisma.TransactionClient): Promise<void> {
  await transaction.$executeRaw`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`
}

async function readMigrations(): Promise<Migration[]> {
  const entries = await readdir(MIGRATIONS, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  return Promise.all(
    names.sort().map(async (name) => ({
      name,
      sql: await readFile(new URL(`${name}/migration.sql`, MIGRATIONS), 'utf8'),
    })),
  )
}

async function createRecord(transaction: Prisma.TransactionClient): Promise<void> {
  await transaction.$executeRaw`
    CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
      id VARCHAR(36) PRIMARY KEY NOT NULL,
      checksum VARCHAR(64) NOT NULL,
      finished_at TIMESTAMPTZ,
      migration_name VARCHAR(255) NOT NULL,
      logs TEXT,
      rolled_back_at TIMESTAMPTZ,
      started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
      applied_steps_count INTEGER NOT NULL DEFAULT 0
    )`
}

async function appliedNames(transaction: Prisma.TransactionClient): Promise<Set<string>> {
  const rows = await transaction.$queryRaw<{ migration_name: string }[]>`
    SELECT migration_name FROM "_prisma_migrations" WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`
  return new Set(rows.map((row) => row.migration_name))
}

async function apply(transaction: Prisma.TransactionClient, { name, sql }: Migration): Promise<void> {
  // Prisma sends one statement at a time, a migration has many: an anonymous block makes them one.
  await transaction.$executeRawUnsafe(`DO $block$ BEGIN EXECUTE $migration$${sql}$migration$; END $block$`)
  const checksum = createHash('sha256').update(sql).digest('hex')
  await transaction.$executeRaw`
    INSERT INTO "_prisma_migrations" (id, checksum, finished_at, migration_name, applied_steps_count)
    VALUES (${randomUUID()}, ${checksum}, now(), ${name}, 1)`
}
