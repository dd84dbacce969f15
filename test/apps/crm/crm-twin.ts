import type { Answer } from '../../support/answer-of.js'
import { lastingOf } from '../../support/compare-with-uncached.js'
import { type CrmUser, cachedRoutesOf } from '../../support/crm-cast.js'
import { CrmClient } from '../../support/crm-client.js'
import { CrmLoad } from '../../support/crm-load.js'

/** A CRM with a cache, and one without on the same database. */
export interface Twins {
  readonly cachedUrl: string
  readonly bareUrl: string
  /** Which of them is written through; `cached` if left out. */
  readonly writer?: 'cached' | 'bare'
  /** Resolves once all that follows from what has been written has happened. */
  settle(): Promise<void>
}

export interface TwinResult {
  readonly reads: number
  readonly hits: number
  /** Each with what the database held. */
  readonly differences: readonly string[]
}

const COMPARED_WHOLE_EVERY = 1_000
const SHOWN_WRITES = 5

/**
 * Reads through the cached one, and writes through one of them, step by step, by several people. What is read is asked of the bare one too, and
 * now and then all there is.
 */
export async function runCrmTwins(
  twins: Twins,
  staff: readonly [admin: CrmUser, ...others: CrmUser[]],
  {
    steps,
    seed,
    onProgress = () => {},
  }: { steps: number; seed: number; onProgress?: (step: number) => void },
): Promise<TwinResult> {
  const client = new ComparingClient(twins)
  const load = new CrmLoad(client, staff, seed)
  // Somebody for each part to act on.
  await load.register()
  await load.requestApproval()
  for (let step = 0; step < steps; step += COMPARED_WHOLE_EVERY) {
    await load.runInTurn(Math.min(COMPARED_WHOLE_EVERY, steps - step))
    for (const { path, token } of cachedRoutesOf(load.cast)) await client.get(path, token)
    onProgress(Math.min(step + COMPARED_WHOLE_EVERY, steps))
  }
  return client
}

class ComparingClient extends CrmClient implements TwinResult {
  reads = 0
  hits = 0
  readonly differences: string[] = []
  readonly #bare: CrmClient
  readonly #settle: () => Promise<void>
  readonly #writer: CrmClient | undefined
  readonly #written: string[] = []
  #isSettled = false

  constructor({ cachedUrl, bareUrl, writer, settle }: Twins) {
    super(cachedUrl)
    this.#bare = new CrmClient(bareUrl)
    if (writer === 'bare') this.#writer = this.#bare
    this.#settle = settle
  }

  override async get(path: string, token: string): Promise<Answer> {
    if (!this.#isSettled) await this.#settle()
    this.#isSettled = true
    const answer = await super.get(path, token)
    const expected = await this.#bare.get(path, token)
    this.reads += 1
    if (answer.xCache === 'HIT') this.hits += 1
    const [got, held] = [answer, expected].map(lastingOf)
    if (got !== held) {
      const after = this.#written.slice(-SHOWN_WRITES).join(', ')
      this.differences.push(`${path} (${answer.xCache}) after ${after}: ${got} instead of ${held}`)
    }
    return answer
  }

  override write<Json>(method: string, path: string, token: string, body?: object): Promise<Json> {
    this.#isSettled = false
    this.#written.push(`${method} ${path} ${JSON.stringify(body ?? {})}`)
    return this.#writer?.write(method, path, token, body) ?? super.write(method, path, token, body)
  }
}
