import type { Logger } from 'express-cacheable'
import { CommandError } from '../command-error.js'
import type { Database } from './open-database.js'

const PATIENCE_SECONDS = 30
const PAUSE_MS = 500

/**
 * Opens a database that may still have to start. Each new reason why it cannot be used yet is logged at once, so
 * that nobody waits for a mistake of theirs without knowing it.
 *
 * @throws {CommandError} The last reason, after half a minute.
 */
export async function waitForDatabase(open: () => Promise<Database>, logger: Logger): Promise<Database> {
  const endsAt = Date.now() + PATIENCE_SECONDS * 1_000
  let told: string | undefined
  for (;;) {
    try {
      return await open()
    } catch (error) {
      if (!(error instanceof CommandError) || Date.now() >= endsAt) throw error
      if (error.message !== told) logger.warn(`${error.message} Trying again for ${PATIENCE_SECONDS} s …`)
      told = error.message
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }
}
