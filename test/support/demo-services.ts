import { type RunningGateway, startGateway } from '#demo/gateway/start-gateway.js'
import { SERVICE_NAMES, type ServiceName } from '#demo/service-names.js'
import type { TestProcess } from './child-process.js'
import { launchDemo, untilReady } from './demo-program.js'
import { freePorts } from './free-port.js'

export interface DemoParts {
  readonly databaseUrl: string
  readonly redisUrl: string
  readonly brokers: readonly string[]
  readonly jwtSecret: string
}

const START_DEADLINE_MS = 60_000

/** The five services, each in a process that a test may kill, behind a gateway in this one. */
export class DemoServices {
  readonly #parts: DemoParts
  readonly #ports: Readonly<Record<ServiceName, number>>
  readonly #processes = new Map<ServiceName, TestProcess>()
  readonly #launched: TestProcess[] = []
  #gateway: RunningGateway | undefined

  constructor(parts: DemoParts, ports: Readonly<Record<ServiceName, number>>) {
    this.#parts = parts
    this.#ports = ports
  }

  /** Of the gateway. */
  get url(): string {
    return (this.#gateway as RunningGateway).url
  }

  urlOf(name: ServiceName): string {
    return `http://127.0.0.1:${this.#ports[name]}`
  }

  async startAll(): Promise<void> {
    const urls = SERVICE_NAMES.map((name) => [name, this.urlOf(name)])
    this.#gateway = await startGateway({
      port: 0,
      host: '127.0.0.1',
      urls: Object.fromEntries(urls),
      silenceTimeoutMs: 10_000,
    })
    await Promise.all(SERVICE_NAMES.map((name) => this.start(name)))
  }

  /** For the first time, or again where it was. */
  async start(name: ServiceName): Promise<void> {
    this.#processes.set(name, await this.#launch(name, this.#ports[name]))
  }

  /** One more process of the service, which the gateway does not know of. */
  startAnother(name: ServiceName): Promise<TestProcess> {
    return this.#launch(name, 0)
  }

  async kill(name: ServiceName): Promise<void> {
    const running = this.#processes.get(name) as TestProcess
    process.kill(running.pid, 'SIGKILL')
    await running.stop()
  }

  async stopAll(): Promise<void> {
    await this.#gateway?.close()
    await Promise.all(this.#launched.map((launched) => launched.stop()))
  }

  async #launch(name: ServiceName, port: number): Promise<TestProcess> {
    const { databaseUrl, redisUrl, brokers, jwtSecret } = this.#parts
    const launched = await launchDemo('main.js', {
      SERVICE: name,
      PORT: String(port),
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl,
      KAFKA_BROKERS: brokers.join(),
      JWT_SECRET: jwtSecret,
      SIGN_INS_PER_MINUTE: '100000',
    })
    this.#launched.push(launched)
    await untilReady(launched, `the ${name} service`, START_DEADLINE_MS)
    return launched
  }
}

/** Services on ports that are free now; none is started yet. */
export async function demoServices(parts: DemoParts): Promise<DemoServices> {
  const free = await freePorts(SERVICE_NAMES.length)
  const ports = SERVICE_NAMES.map((name, index) => [name, free[index]])
  return new DemoServices(parts, Object.fromEntries(ports))
}
