import type { SignedInUser } from '../../http/tokens.js'
import type { Outbox } from '../../outbox/outbox.js'
import type { Meeting, PrismaClient } from '../../prisma/generated/client.js'
import type { CreateMeetingBody } from './sales-activity.dto.js'

export class MeetingService {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly outbox: Outbox,
  ) {}

  upcomingOf(userId: number): Promise<Meeting[]> {
    return this.prisma.meeting.findMany({
      where: { userId, scheduledAt: { gte: new Date() } },
      orderBy: [{ scheduledAt: 'asc' }, { id: 'asc' }],
    })
  }

  async schedule({ title, scheduledAt }: CreateMeetingBody, actor: SignedInUser): Promise<Meeting> {
    const data = { title, scheduledAt: new Date(scheduledAt), userId: actor.id }
    return this.outbox.transaction(async (tx, publish) => {
      const meeting = await tx.meeting.create({ data })
      await publish('activity.events', 'MEETING_SCHEDULED', { meetingId: meeting.id, userId: actor.id })
      return meeting
    })
  }
}
