import type { Logger } from 'express-cacheable'
import type { PrismaTracker } from 'express-cacheable/prisma'
import { CommandError } from './command-error.js'
import { type DemoConfig, isOneOfSeveral } from './config.js'
import { reasonOf } from './database/errors.js'
import { migrate } from './database/migrate.js'
import { type Database, openDatabase } from './database/open-database.js'
import { waitForDatabase } from './database/wait-for-database.js'
import type { PrismaClient } from './prisma/generated/client.js'
import { SEEDED_CUSTOMERS, seed } from './seed.js'

/**
 * Opens the database, brings its tables up to date, and fills it if it is empty.
 *
 * @throws {CommandError} When DATABASE_URL leads to a database that cannot be used.
 */
export async function prepareDatabase(
  config: DemoConfig,
  logger: Logger,
  tracker?: PrismaTracker,
): Promise<Database> {
  const { databaseUrl, password } = config
  logger.info(databaseUrl ? 'Connecting to the database …' : 'Starting the embedded database …')
  const open = () => openDatabase(databaseUrl, tracker)
  // One of several processes may be started before the database has been.
  const database = await (isOneOfSeveral(config) ? waitForDatabase(open, logger) : open())
  try {
    await fillDatabase(database.prisma, password, logger)
    return database
  } catch (error) {
    await database.close()
    // The embedded one is ours alone, so an error there is a fault of ours.
    if (!databaseUrl) throw error
    throw new CommandError(`${database.description} cannot be brought up to date: ${reasonOf(error)}.`)
  }
}

async function fillDatabase(prisma: PrismaClient, password: string, logger: Logger): Promise<void> {
  logger.info('Applying migrations …')
  const applied = await migrate(prisma)
  logger.info(applied.length > 0 ? `Applied ${applied.join(', ')}.` : 'The database is up to date.')
  if ((await prisma.user.count()) > 0) {
    logger.info('The database has data already, which stays as it is.')
    return
  }
  logger.info(`Seeding ${SEEDED_CUSTOMERS} customers …`)
  await seed(prisma, password)
}
