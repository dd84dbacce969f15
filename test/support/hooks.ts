// Required by .mocharc.json.
import { releaseDemo } from './demo-in-processes.js'
import { releaseKafka } from './kafka.js'
import { releasePostgres } from './postgres.js'
import { releaseRedis } from './redis.js'

export async function mochaGlobalTeardown(): Promise<void> {
  await releaseDemo()
  await Promise.all([releaseRedis(), releasePostgres(), releaseKafka()])
}
