import type { Publish } from '../../events.js'
import type { SignedInUser } from '../../http/tokens.js'
import type { Meeting, PrismaClient } from '../../prisma/generated/client.js'
import type { CreateMeetingBody } from './sales-activity.dto.js'

export class MeetingService {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly publish: Publish,
  ) {}

  upcomingOf(userId: number): Promise<Meeting[]> {
    return this.prisma.meeting.findMany({
      where: { userId, scheduledAt: { gte: new Date() } },
      orderBy: [{ scheduledAt: 'asc' }, { id: 'asc' }],
    })
  }

  async schedule({ title, scheduledAt }: CreateMeetingBody, actor: SignedInUser): Promise<Meeting> {
    const meeting = await this.prisma.meeting.create({
      data: { title, scheduledAt: new Date(scheduledAt), userId: actor.id },
    })
    await this.publish('activity.events', 'MEETING_SCHEDULED', { meetingId: meeting.id, userId: actor.id })
    return meeting
  }
}
