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
      let topics: string[] = []
      const hears = async () => {
        topics = await this.#subscriptionOf(groupId)
        return topics.length > 0
      }
      await until(`the group ${groupId}`, hears, { deadlineMs })
      this.#topicsOf.set(groupId, topics)
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

  async #subscriptionOf(groupId: string): Promise<string[]> {
    const { groups } = await this.#admin.describeGroups([groupId])
    const members = groups.filter(({ state }) => state === 'Stable').flatMap((group) => group.members)
    const { MemberMetadata } = kafkajs.AssignerProtocol
    return [...new Set(members.flatMap((one) => MemberMetadata.decode(one.memberMetadata)?.topics ?? []))]
  }

  async #hasHandledAll(groupId: string, topics: string[]): Promise<boolean> {
    // First how far the group is: what is written meanwhile counts as not handled, and is asked about again.
    const committed = await this.#admin.fetchOffsets({ groupId, topics })
    for (const { topic, partitions } of committed) {
      const ends = await this.#admin.fetchTopicOffsets(topic)
      const endOf = new Map(ends.map(({ partition, offset }) => [partition, Number(offset)]))
      // One without an offset, -1, begins at the beginning.
      const isBehind = partitions.some(
        ({ partition, offset }) => Math.max(0, Number(offset)) !== endOf.get(partition),
      )
      if (isBehind) return false
    }
    return true
  }
}
