import { randomUUID } from 'node:crypto'
import type { PrismaClient } from '../prisma/generated/client.js'

/** After this, another process may take over from one that has died. */
const LEASE_SECONDS = 5

/** Lets one process at a time publish a service's events, so that they stay in order. */
export class RelayLease {
  private readonly holder = randomUUID()

  constructor(private readonly prisma: PrismaClient) {}

  /** Takes or renews. @returns The services that are ours now; the others are another process's. */
  async take(services: readonly string[]): Promise<string[]> {
    // The database's clock decides, as those of the processes may differ.
    const rows = await this.prisma.$queryRaw<{ service: string }[]>`
      INSERT INTO "OutboxRelay" (service, holder, until)
      SELECT service, ${this.holder}, clock_timestamp() + make_interval(secs => ${LEASE_SECONDS})
      FROM unnest(${services}::text[]) AS service ORDER BY service
      ON CONFLICT (service) DO UPDATE SET holder = excluded.holder, until = excluded.until
      WHERE "OutboxRelay".holder = excluded.holder OR "OutboxRelay".until < clock_timestamp()
      RETURNING service`
    return rows.map(({ service }) => service)
  }

  async giveBack(): Promise<void> {
    await this.prisma.outboxRelay.deleteMany({ where: { holder: this.holder } })
  }
}
