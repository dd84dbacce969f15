import { ForbiddenError } from 'routing-controllers'
import { found, foundByWrite, requireReference } from '../../database/errors.js'
import { presentFields, requireChanges } from '../../http/changes.js'
import type { SignedInUser } from '../../http/tokens.js'
import type { Outbox } from '../../outbox/outbox.js'
import type { PrismaClient, Task } from '../../prisma/generated/client.js'
import type { CreateTaskBody, TaskListQuery, UpdateTaskBody } from './sales-activity.dto.js'

export class TaskService {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly outbox: Outbox,
  ) {}

  listOf(userId: number, status: TaskListQuery['status'] = 'all'): Promise<Task[]> {
    const where = status === 'all' ? { userId } : { userId, status }
    return this.prisma.task.findMany({ where, orderBy: [{ dueDate: 'asc' }, { id: 'asc' }] })
  }

  overdue(): Promise<Task[]> {
    return this.prisma.task.findMany({
      where: { status: 'PENDING', dueDate: { lt: new Date() } },
      orderBy: [{ dueDate: 'asc' }, { id: 'asc' }],
    })
  }

  async create(body: CreateTaskBody, actor: SignedInUser): Promise<Task> {
    const { title, dueDate, status = 'PENDING', userId = actor.id } = body
    await this.requireUser(userId)
    const completedAt = status === 'COMPLETED' ? new Date() : null
    return this.outbox.transaction(async (tx, publish) => {
      const task = await tx.task.create({
        data: { title, dueDate: new Date(dueDate), status, completedAt, userId },
      })
      await publish('activity.events', 'TASK_CREATED', { taskId: task.id, userId })
      return task
    })
  }

  async update(id: number, changes: UpdateTaskBody, actor: SignedInUser): Promise<Task> {
    requireChanges(changes)
    const before = await this.requireOwn(id, actor)
    const { title, dueDate, status = before.status, userId = before.userId } = changes
    if (userId !== before.userId) await this.requireUser(userId)
    const completedAt = status === 'COMPLETED' ? (before.completedAt ?? new Date()) : null
    const data = {
      ...presentFields({ title, dueDate: dueDate === undefined ? undefined : new Date(dueDate) }),
      status,
      completedAt,
      userId,
    }
    const previousUserId = before.userId
    return this.outbox.transaction(async (tx, publish) => {
      // Only as long as it is still theirs: otherwise the event would name the wrong previous owner.
      const update = tx.task.update({ where: { id, userId: previousUserId }, data })
      const task = await foundByWrite(update, 'task any more')
      await publish('activity.events', 'TASK_UPDATED', { taskId: id, userId, previousUserId })
      return task
    })
  }

  /** A task that is completed already stays as it is. */
  async complete(id: number, actor: SignedInUser): Promise<Task> {
    const before = await this.requireOwn(id, actor)
    if (before.status === 'COMPLETED') return before
    return this.outbox.transaction(async (tx, publish) => {
      const data = { status: 'COMPLETED' as const, completedAt: new Date() }
      const task = await tx.task.update({ where: { id }, data })
      await publish('activity.events', 'TASK_COMPLETED', { taskId: id, userId: task.userId })
      return task
    })
  }

  private async requireOwn(id: number, actor: SignedInUser): Promise<Task> {
    const task = found(await this.prisma.task.findUnique({ where: { id } }), 'task')
    if (task.userId !== actor.id && actor.role !== 'admin') {
      throw new ForbiddenError('The task is somebody else’s')
    }
    return task
  }

  private requireUser(id: number): Promise<void> {
    return requireReference('userId', this.prisma.user.findUnique({ where: { id }, select: { id: true } }))
  }
}
