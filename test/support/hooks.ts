// Required by .mocharc.json.
import { unreadMethods } from '#src/decorators/unread-methods.js'
import { releaseDemo } from './demo-in-processes.js'
import { releaseKafka } from './kafka.js'
import { releasePostgres } from './postgres.js'
import { releaseRedis } from './redis.js'

/** What the classes of files and of earlier tests declare and nobody has read is no affair of the tests that follow. */
export const mochaHooks = {
  beforeAll: () => void unreadMethods(),
  afterEach: () => void unreadMethods(),
}

export async function mochaGlobalTeardown(): Promise<void> {
  await releaseDemo()
  await Promise.all([releaseRedis(), releasePostgres(), releaseKafka()])
}
