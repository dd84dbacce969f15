import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { installThroughApt, onPath, runVisibly } from './commands.js'
import { PROJECT_ROOT } from './project-root.js'

/** How this machine can start a Kafka. */
export interface KafkaLauncher {
  readonly java: string
  /** The directory of Kafka's jars. */
  readonly jars: string
}

/** Says that this machine has no Kafka and no way to get one. */
export class KafkaNotFound extends Error {
  override readonly name = 'KafkaNotFound'
}

const OLDEST_JAVA = 17
const CACHE = join(PROJECT_ROOT, '.cache')
const POM = join(PROJECT_ROOT, 'test/support/kafka/pom.xml')

let found: Promise<KafkaLauncher> | undefined

/**
 * Java on the PATH, or installed through apt as root, and the jars of the pom, once fetched from Maven Central.
 *
 * @throws {KafkaNotFound}
 */
export function findKafkaLauncher(): Promise<KafkaLauncher> {
  found ??= search()
  return found
}

async function search(): Promise<KafkaLauncher> {
  const jars = join(CACHE, `kafka-${await pinnedVersion()}`)
  const isFetched = (await readdir(jars).catch(() => [])).length > 0
  const java = (await findJava(isFetched)) ?? ((await install()) ? await findJava(isFetched) : undefined)
  if (java === undefined) throw new KafkaNotFound(`no Java ${OLDEST_JAVA} or no Maven, and no apt as root`)
  if (!isFetched) await fetchJars(jars)
  return { java, jars }
}

async function pinnedVersion(): Promise<string> {
  return /<kafka.version>(.+)<\/kafka.version>/.exec(await readFile(POM, 'utf8'))?.[1] as string
}

/** Java where it is new enough, and Maven is there too if it is needed. */
async function findJava(isFetched: boolean): Promise<string | undefined> {
  const java = await onPath('java')
  if (java === undefined || !(isFetched || (await onPath('mvn')))) return undefined
  const { stderr } = await promisify(execFile)(java, ['-version'])
  return Number(/version "(\d+)/.exec(stderr)?.[1]) >= OLDEST_JAVA ? java : undefined
}

/** Kafka itself is fetched with them: Debian has no package of it. */
function install(): Promise<boolean> {
  return installThroughApt('Java and Maven were not found', 'default-jre-headless', 'maven')
}

/** In a directory of its own first, so that a run that is ended, or another one, leaves no half of them. */
async function fetchJars(jars: string): Promise<void> {
  await mkdir(CACHE, { recursive: true })
  const directory = await mkdtemp(`${jars}-`)
  try {
    const isFetched = await runVisibly('Fetching Apache Kafka, 50 MB once', 'mvn', [
      ...['--quiet', '--batch-mode', '--file', POM],
      ...['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${directory}`],
    ])
    if (!isFetched) throw new KafkaNotFound('Maven could not fetch it')
    await rename(directory, jars).catch(async (error) => {
      if ((await readdir(jars).catch(() => [])).length === 0) throw error
    })
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
