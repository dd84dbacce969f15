import type { ServiceName } from '#demo/service-names.js'
import { SERVICE_PATHS } from '#demo/services/service-paths.js'
import { Random } from '../consistency/random.js'
import { type CrmCast, type CrmUser, cachedRoutesOf } from './crm-cast.js'
import type { CrmClient } from './crm-client.js'
import { CrmWorker } from './crm-worker.js'
import { eachOf } from './each-of.js'

const WORKERS = 4

/**
 * Writes and reads through a CRM, from several workers. Every answer must be a success. With the same seed each worker
 * makes the same choices, while how far each gets is up to the machine.
 *
 * What one worker makes no other one touches, so that nothing is refused because somebody else was faster.
 */
export class CrmLoad {
  readonly cast: CrmCast
  /** By e-mail address: the registrations that were answered. */
  readonly registered: string[] = []
  /** Whose deletion was answered. */
  readonly deleted: number[] = []
  /** How many events of each type must follow from what was answered. */
  readonly told: Record<string, number> = {}
  readonly #client: CrmClient
  readonly #workers: readonly CrmWorker[]

  constructor(client: CrmClient, staff: readonly [admin: CrmUser, ...others: CrmUser[]], seed: number) {
    this.cast = { admin: staff[0], staff, users: [], customers: [], approvals: [] }
    this.#client = client
    this.#workers = Array.from(
      { length: WORKERS },
      (_, nth) => new CrmWorker(this, client, new Random(seed, nth), `${seed}-${nth}`),
    )
  }

  /** @param without - Services that are not to be asked, as they are about to be killed. */
  async run(requests: number, without: readonly ServiceName[] = []): Promise<void> {
    let left = requests
    await Promise.all(
      this.#workers.map(async (worker) => {
        while (left-- > 0) await worker.step((path) => without.includes(serviceOf(path)))
      }),
    )
  }

  /** The same, one request after the other. */
  async runInTurn(requests: number): Promise<void> {
    for (let nth = 0; nth < requests; nth++) await this.#workers[nth % WORKERS]?.step(() => false)
  }

  /** Puts everything into the cache that can be there. */
  async readAll(): Promise<void> {
    await eachOf(cachedRoutesOf(this.cast), ({ path, token }) => this.#client.get(path, token))
  }

  /** Somebody who is not deleted. */
  register(): Promise<CrmUser> {
    return (this.#workers[0] as CrmWorker).register()
  }

  requestApproval(): Promise<void> {
    return (this.#workers[0] as CrmWorker).requestApproval()
  }

  tell(...eventTypes: readonly string[]): void {
    for (const type of eventTypes) this.told[type] = (this.told[type] ?? 0) + 1
  }
}

function serviceOf(path: string): ServiceName {
  const [name] = Object.entries(SERVICE_PATHS).find(([, starts]) =>
    starts.some((start) => path.startsWith(start)),
  ) as [ServiceName, unknown]
  return name
}
