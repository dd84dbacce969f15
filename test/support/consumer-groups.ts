import kafkajs, { type Admin } from 'kafkajs'
import { quietKafka } from './kafka-messages.js'

export interface GroupState {
  readonly members: number
  /** Messages whose handling has not been committed. */
  readonly lag: number
  /** How many messages its topics have had. */
  readonly written: number
}

/** Looks at what a group has heard of the topics that its members subscribe to. */
export async function groupState(brokers: readonly string[], groupId: string): Promise<GroupState> {
  const admin = quietKafka(brokers).admin()
  await admin.connect()
  try {
    const { groups } = await admin.describeGroups([groupId])
    const members = groups[0]?.state === 'Stable' ? groups[0].members : []
    const topics = new Set(
      members.flatMap(
        ({ memberMetadata }) => kafkajs.AssignerProtocol.MemberMetadata.decode(memberMetadata)?.topics ?? [],
      ),
    )
    let [lag, written] = [0, 0]
    for (const { end, committed } of await positions(admin, groupId, [...topics])) {
      written += end
      // -1 where nothing has been committed yet.
      lag += end - Math.max(committed, 0)
    }
    return { members: members.length, lag, written }
  } finally {
    await admin.disconnect()
  }
}

async function positions(admin: Admin, groupId: string, topics: string[]) {
  // The ends first: what comes afterwards is not part of this look.
  const ends = await Promise.all(
    topics.map(async (topic) => ({ topic, partitions: await admin.fetchTopicOffsets(topic) })),
  )
  const committed = await admin.fetchOffsets({ groupId, topics })
  return ends.flatMap(({ topic, partitions }) =>
    partitions.map(({ partition, high }) => {
      const ofTopic = committed.find((one) => one.topic === topic)?.partitions ?? []
      const offset = ofTopic.find((one) => one.partition === partition)?.offset
      return { end: Number(high), committed: Number(offset ?? -1) }
    }),
  )
}
