import { IsId, IsInstant, IsOneOf, IsText, MayBeAbsent } from '../../http/fields.js'
import { TaskStatus } from '../../prisma/generated/client.js'

const STATUSES = Object.values(TaskStatus)

export class TaskListQuery {
  /** `all`, or nothing, asks for tasks of either status. */
  @MayBeAbsent()
  @IsOneOf([...STATUSES, 'all'])
  status?: TaskStatus | 'all'
}

export class CreateTaskBody {
  @IsText(200)
  title: string

  @IsInstant()
  dueDate: string

  @MayBeAbsent()
  @IsOneOf(STATUSES)
  status?: TaskStatus

  /** Whose task it is to be; whoever creates it, unless said otherwise. */
  @MayBeAbsent()
  @IsId()
  userId?: number
}

export class UpdateTaskBody {
  @MayBeAbsent()
  @IsText(200)
  title?: string

  @MayBeAbsent()
  @IsInstant()
  dueDate?: string

  @MayBeAbsent()
  @IsOneOf(STATUSES)
  status?: TaskStatus

  @MayBeAbsent()
  @IsId()
  userId?: number
}

export class CreateMeetingBody {
  @IsText(200)
  title: string

  @IsInstant()
  scheduledAt: string
}
