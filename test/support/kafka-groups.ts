import kafkajs, { type Admin } from 'kafkajs'
import { quietKafka } from './kafka-messages.js'
import { until } from './until.js'

/** Watches how far consumer groups are. */
export class KafkaGroups {
  readonly #admin: Admin
  readonly #topicsOf = new Map<string, string[]>()

  constructor(brokers: readonly string[]) {
    this.#admin = quietKafka(brokers).admin()
  }

  /** Waits until the groups hear Kafka, and takes from them which topics are theirs. */
  async find(groupIds: readonly string[], deadlineMs: number): Promise<void> {
    await this.#admin.connect()
    for (const groupId of groupIds) {
      await until(
        `the group ${groupId}`,
        async () => {
          this.#topicsOf.set(groupId, await this.#heardTopics(groupId))
          return this.#topicsOf.get(groupId)?.length !== 0
        },
        { deadlineMs },
      )
    }
  }

  /**
   * Says whether the groups had handled all that was in their topics when they were asked: an offset is committed after
   * the handlers have ended and the store has acknowledged their evictions.
   */
  async haveHandledAll(): Promise<boolean> {
    const states = await Promise.all(
      [...this.#topicsOf].map(([groupId, topics]) => this.#hasHandledAll(groupId, topics)),
    )
    return states.every(Boolean)
  }

  close(): Promise<void> {
    return this.#admin.disconnect()
  }

  async #heardTopics(groupId: string): Promise<string[]> {
    const { groups } = await this.#admin.describeGroups([groupId])
    const assignments = groups
      .filter(({ state }) => state === 'Stable')
      .flatMap(({ members }) => members)
      .map(({ memberAssignment }) => kafkajs.AssignerProtocol.MemberAssignment.decode(memberAssignment))
    return [...new Set(assignments.flatMap((one) => Object.keys(one?.assignment ?? {})))]
  }

  async #hasHandledAll(groupId: string, topics: string[]): Promise<boolean> {
    // First how far the group is: what is written meanwhile counts as not handled, and is asked about again.
    const committed = await this.#admin.fetchOffsets({ groupId, topics })
    for (const { topic, partitions } of committed) {
      const ends = new Map(
        (await this.#admin.fetchTopicOffsets(topic)).map(({ partition, offset }) => [partition, offset]),
      )
      // Without an offset it begins at the beginning.
      const isBehind = partitions.some(
        ({ partition, offset }) => Math.max(0, Number(offset)) < Number(ends.get(partition)),
      )
      if (isBehind) return false
    }
    return true
  }
}
