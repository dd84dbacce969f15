import { found } from '../../database/errors.js'
import type { Outbox } from '../../outbox/outbox.js'
import type { Notification, PrismaClient } from '../../prisma/generated/client.js'

const SHOWN = { id: true, message: true, createdAt: true, readAt: true } as const

export type ShownNotification = Pick<Notification, keyof typeof SHOWN>

export interface NewNotification {
  readonly eventId: string
  readonly userId: number
  readonly message: string
}

export class NotificationService {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly outbox: Outbox,
  ) {}

  unreadOf(userId: number): Promise<ShownNotification[]> {
    return this.prisma.notification.findMany({
      where: { userId, readAt: null },
      select: SHOWN,
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    })
  }

  /** For another user's notification the answer is that there is none. */
  async read(id: number, userId: number): Promise<ShownNotification> {
    await this.prisma.notification.updateMany({
      where: { id, userId, readAt: null },
      data: { readAt: new Date() },
    })
    const notification = await this.prisma.notification.findUnique({ where: { id, userId }, select: SHOWN })
    return found(notification, 'notification')
  }

  /** An event that is delivered twice notifies once. */
  async notify({ eventId, userId, message }: NewNotification): Promise<void> {
    await this.outbox.once(eventId, 'analytics.notify', (tx) =>
      tx.notification.create({ data: { userId, message } }),
    )
  }

  async forgetUser(eventId: string, userId: number): Promise<void> {
    await this.outbox.once(eventId, 'analytics.forgetUser', (tx) =>
      tx.notification.deleteMany({ where: { userId } }),
    )
  }
}
