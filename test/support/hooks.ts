// Required by .mocharc.json.
import { releaseKafka } from './kafka.js'
import { releasePostgres } from './postgres.js'
import { releaseRedis } from './redis.js'

export async function mochaGlobalTeardown(): Promise<void> {
  await Promise.all([releaseRedis(), releasePostgres(), releaseKafka()])
}
