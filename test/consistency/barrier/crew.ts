import { Random } from '../random.js'
import type { AppOptions } from './app-messages.js'
import type { BarrierRaceResult } from './barrier-race.js'
import { type ForkedApp, forkApp } from './fork-app.js'

/** Where the processes of a race meet. */
type Place = Pick<AppOptions, 'redisUrl' | 'databaseUrl' | 'keyPrefix'>

/** The processes of a race. */
export class Crew {
  readonly #place: Place
  readonly #result: BarrierRaceResult
  readonly #random: Random
  #apps: ForkedApp[] = []
  #started = 0
  #crash: Error | undefined

  private constructor(place: Place, result: BarrierRaceResult) {
    this.#place = place
    this.#result = result
    this.#random = new Random(result.options.seed)
  }

  static async start(place: Place, result: BarrierRaceResult): Promise<Crew> {
    const crew = new Crew(place, result)
    const { processes } = result.options
    crew.#apps = await Promise.all(Array.from({ length: processes }, () => crew.#fork()))
    return crew
  }

  get urls(): readonly string[] {
    return this.#apps.map(({ url }) => url)
  }

  /** Kills one in the midst of its work; until another is up, the others are asked. */
  async replaceOne(): Promise<void> {
    const dying = this.#random.oneOf(this.#apps)
    const killed = dying.kill()
    this.#result.deaths++
    this.#apps = this.#apps.filter((app) => app !== dying)
    await killed
    this.#apps.push(await this.#fork())
  }

  noteFailure(error: unknown): void {
    this.#result.failures++
    if (this.#result.options.deaths === 0) this.#crash ??= new Error('a client failed', { cause: error })
  }

  throwIfCrashed(): void {
    if (this.#crash) throw this.#crash
  }

  async stop(): Promise<void> {
    await Promise.all(this.#apps.map((app) => app.stop()))
  }

  #fork(): Promise<ForkedApp> {
    const options: AppOptions = { ...this.#place, race: this.#result.options, number: this.#started++ }
    return forkApp(
      options,
      (waits) => this.#result.waits.push(...waits),
      (error) => {
        this.#crash ??= error
      },
    )
  }
}
