import { CacheEvict, OnEvent } from 'express-cacheable'
import type { CrmEvent } from '../../events.js'
import type { Outbox } from '../../outbox/outbox.js'

/** What the sales-activity service does when something happens elsewhere, or to the tasks of another user. */
export class SalesActivityEvents {
  constructor(private readonly outbox: Outbox) {}

  /** A task may have been handed on: then it leaves the lists of whoever had it. */
  @OnEvent('activity.events', 'TASK_UPDATED')
  @CacheEvict('tasks:user:{data.previousUserId}:status:*')
  onTaskUpdated(): void {}

  @OnEvent('user.events', 'USER_DELETED')
  @CacheEvict(['tasks:user:{data.userId}:status:*', 'tasks:overdue', 'meetings:user:{data.userId}:upcoming'])
  async onUserDeleted({ eventId, data }: CrmEvent<'user.events', 'USER_DELETED'>): Promise<void> {
    const { userId } = data
    await this.outbox.once(eventId, 'sales-activity.forgetUser', async (tx, publish) => {
      await tx.task.deleteMany({ where: { userId } })
      await tx.meeting.deleteMany({ where: { userId } })
      // Analytics must not evict on USER_DELETED itself: it could do so before the rows are gone, and a reader in
      // between would bring the old figures back.
      await publish('activity.events', 'USER_ACTIVITIES_DELETED', { userId })
    })
  }
}
