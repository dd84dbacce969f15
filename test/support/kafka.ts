import { KafkaNotFound } from './kafka-launcher.js'
import { type KafkaServer, startKafka } from './kafka-server.js'
import { pendingOutsideCi } from './pending-outside-ci.js'

export type { KafkaServer } from './kafka-server.js'

const HOW_TO_GET_ONE =
  'Kafka was not found: sudo apt-get install default-jre-headless maven, or KAFKA_BROKERS=localhost:9092 npm test'

let shared: Promise<KafkaServer> | undefined

/**
 * The brokers of the Kafka that all suites of this run share: `KAFKA_BROKERS`, or one started for the run. Topics
 * and groups stay in it, so each suite gives them names of its own.
 *
 * It is looked for when the first suite asks. Where there is none, the suite is pending, or under `CI=true` it fails.
 *
 * @example
 * before(async function () { brokers = await kafkaForTests(this) })
 */
export async function kafkaForTests(context: Mocha.Context): Promise<readonly string[]> {
  if (process.env.KAFKA_BROKERS) return process.env.KAFKA_BROKERS.split(',')
  shared ??= startKafka()
  return (await orPending(context, shared)).brokers
}

/** Like `startKafka`, for a suite that is pending where no Kafka can be had. The caller stops it. */
export function ownKafkaForTests(context: Mocha.Context): Promise<KafkaServer> {
  return orPending(context, startKafka())
}

/** Ends what the run has started. */
export async function releaseKafka(): Promise<void> {
  const server = await shared?.catch(() => undefined)
  await server?.stop()
}

async function orPending<T>(context: Mocha.Context, starting: Promise<T>): Promise<T> {
  // Fetching a Kafka may take minutes; progress is printed meanwhile.
  context.timeout(0)
  try {
    return await starting
  } catch (error) {
    if (error instanceof KafkaNotFound) return pendingOutsideCi(context, HOW_TO_GET_ONE, error)
    throw error
  }
}
