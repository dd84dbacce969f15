import kafkajs, { type Admin } from 'kafkajs'

export interface GroupState {
  readonly members: number
  /** Messages whose handling has not been committed: an offset is, once handlers and their evictions have ended. */
  readonly lag: number
  /** How many messages its topics have had. */
  readonly written: number
}

/** Looks at what a group has heard of the topics that its members subscribe to. */
export async function groupState(admin: Admin, groupId: string): Promise<GroupState> {
  const { groups } = await admin.describeGroups([groupId])
  const members = groups[0]?.state === 'Stable' ? groups[0].members : []
  const { MemberMetadata } = kafkajs.AssignerProtocol
  const topics = new Set(
    members.flatMap(({ memberMetadata }) => MemberMetadata.decode(memberMetadata)?.topics ?? []),
  )
  // First how far the group is: what is written meanwhile counts as not handled, and is asked about again.
  const committed = await admin.fetchOffsets({ groupId, topics: [...topics] })
  let [lag, written] = [0, 0]
  for (const { topic, partitions } of committed) {
    const ends = await admin.fetchTopicOffsets(topic)
    for (const { partition, high } of ends) {
      // One without an offset, -1, begins at the beginning.
      const offset = Number(partitions.find((one) => one.partition === partition)?.offset ?? -1)
      written += Number(high)
      lag += Number(high) - Math.max(offset, 0)
    }
  }
  return { members: members.length, lag, written }
}
