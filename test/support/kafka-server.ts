import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { startProcess, type TestProcess } from './child-process.js'
import { freePorts } from './free-port.js'
import { findKafkaLauncher } from './kafka-launcher.js'
import { until } from './until.js'

/** A Kafka of one's own, for tests that freeze it or take it away. */
export interface KafkaServer {
  readonly brokers: readonly string[]
  /** Ends it, and keeps its port and data. */
  goDown(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>
  /** Starts it again where it was, and waits until it answers. */
  comeBack(): Promise<void>
  /** It keeps its connections and answers nothing, like a machine that is swapping or partitioned. */
  freeze(): void
  thaw(): void
  /** Ends it for good. */
  stop(): Promise<void>
}

const HOST = '127.0.0.1'
const START_DEADLINE_MS = 60_000
/** It starts in two seconds instead of three without the optimizing compiler, which a test's load never needs. */
const JVM_OPTIONS = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']

/**
 * Starts a Kafka of one node on loopback ports, and waits until it answers. It ends with `stop()`, or with this
 * process. Nobody but an admin creates topics, as in production.
 *
 * @throws {KafkaNotFound} where there is none to start.
 */
export async function startKafka(): Promise<KafkaServer> {
  const { java, jars } = await findKafkaLauncher()
  const [port, controllerPort] = (await freePorts(2)) as [number, number]
  const directory = await mkdtemp(join(tmpdir(), 'express-cacheable-kafka-'))
  const config = join(directory, 'server.properties')
  await writeFile(config, properties(port, controllerPort, directory))
  await writeFile(join(directory, 'meta.properties'), FORMATTED)
  const brokers = [`${HOST}:${port}`]
  const logging = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'
  const launch = async (): Promise<TestProcess> => {
    const child = await startProcess(java, [
      ...JVM_OPTIONS,
      logging,
      '-cp',
      `${jars}/*`,
      'kafka.Kafka',
      config,
    ])
    try {
      await until('Kafka to answer', () => answers(brokers, child), { deadlineMs: START_DEADLINE_MS })
      return child
    } catch (error) {
      await child.stop()
      throw new Error(`Kafka did not start on port ${port}: ${child.output()}`, { cause: error })
    }
  }
  const removeData = () => rm(directory, { recursive: true, force: true })

  let running: TestProcess
  try {
    running = await launch()
  } catch (error) {
    await removeData()
    throw error
  }
  return {
    brokers,
    async goDown(signal = 'SIGTERM') {
      if (signal === 'SIGKILL') process.kill(running.pid, signal)
      await running.stop()
    },
    async comeBack() {
      running = await launch()
    },
    freeze: () => void process.kill(running.pid, 'SIGSTOP'),
    thaw: () => void process.kill(running.pid, 'SIGCONT'),
    async stop() {
      await running.stop()
      await removeData()
    },
  }
}

/** What Kafka's StorageTool would write, without the second that its Java takes. */
const FORMATTED = `version=1
cluster.id=AAAAAAAAQAAAAAAAAAAAAA
node.id=1
directory.id=AAAAAAAAQAAAAAAAAAAAAQ
`

/** After a SIGKILL it comes back only once the session that it had with itself has run out. */
function properties(port: number, controllerPort: number, directory: string): string {
  return `
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@${HOST}:${controllerPort}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://${HOST}:${port},CONTROLLER://${HOST}:${controllerPort}
log.dirs=${directory}
auto.create.topics.enable=false
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
num.network.threads=2
num.io.threads=4
background.threads=2
log.cleaner.enable=false
offsets.topic.num.partitions=3
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
`
}

async function answers(brokers: readonly string[], child: TestProcess): Promise<boolean> {
  if (child.exitCode() !== undefined) throw new Error('Kafka ended at once')
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING, retry: { retries: 0 } })
  const admin = kafka.admin()
  try {
    await admin.connect()
    return (await admin.describeCluster()).brokers.length > 0
  } catch {
    return false
  } finally {
    await admin.disconnect()
  }
}
