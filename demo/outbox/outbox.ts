import { createEvent, type EventData, type EventType, type Topic } from '../events.js'
import type { Prisma, PrismaClient } from '../prisma/generated/client.js'
import type { ServiceName } from '../service-names.js'
import type { Relay } from './relay.js'

/** Says what has happened. It is published if the transaction commits, and cannot be lost then. */
export type Publish = <T extends Topic, E extends EventType<T>>(
  topic: T,
  eventType: E,
  data: EventData<T, E>,
) => Promise<void>

/** A change and the events that tell of it. Write first and publish then; see `Outbox`. */
export type Change<Result> = (tx: Prisma.TransactionClient, publish: Publish) => Promise<Result>

/** Under load a transaction waits for a connection; the embedded database has one. */
const PATIENCE = { maxWait: 10_000, timeout: 10_000 }

/**
 * Makes a change and its events one: both are in the database, or neither is.
 *
 * Within a change, whoever writes an entity's row holds its lock until the commit. So a `publish` after that write
 * draws its number after all earlier changes of the entity have committed: numbers and changes are in the same order,
 * and so is what the relay publishes. A `publish` before the write would not be.
 */
export class Outbox {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly service: ServiceName,
    private readonly relay: Relay,
  ) {}

  /**
   * For requests. With a bus inside the process it resolves once all that follows from the events has happened, so
   * that whoever gets the answer sees it.
   */
  async transaction<Result>(change: Change<Result>): Promise<Result> {
    const { result, hasEvents } = await this.commit(change)
    if (hasEvents) await this.relay.afterCommit(this.service)
    return result
  }

  /**
   * For event handlers: makes the change once, however often the event comes. It does not wait for its own events,
   * as they are published behind the one that is being handled.
   *
   * @param effect - Names the change among all that follow from the event.
   * @returns What the change returned; undefined if it had been made already.
   */
  async once<Result>(eventId: string, effect: string, change: Change<Result>): Promise<Result | undefined> {
    const { result, hasEvents } = await this.commit(async (tx, publish) => {
      // Of two at the same time, the second waits here for the first's commit.
      const { count } = await tx.handledEvent.createMany({
        data: [{ eventId, handler: effect }],
        skipDuplicates: true,
      })
      return count === 0 ? undefined : change(tx, publish)
    })
    if (hasEvents) void this.relay.look([this.service])
    return result
  }

  private async commit<Result>(change: Change<Result>): Promise<{ result: Result; hasEvents: boolean }> {
    let hasEvents = false
    const result = await this.prisma.$transaction(async (tx) => {
      const publish: Publish = async (topic, eventType, data) => {
        const { key, event } = createEvent(topic, eventType, data)
        hasEvents = true
        await tx.outboxEvent.create({
          data: { service: this.service, topic, key, event: { ...event } as Prisma.InputJsonObject },
        })
      }
      return change(tx, publish)
    }, PATIENCE)
    return { result, hasEvents }
  }
}
