import { Cacheable, CacheEvict } from 'express-cacheable'
import {
  Authorized,
  Body,
  CurrentUser,
  Get,
  HttpCode,
  JsonController,
  Param,
  Post,
  Put,
  QueryParams,
} from 'routing-controllers'
import type { SignedInUser } from '../../http/tokens.js'
import type { Task } from '../../prisma/generated/client.js'
import { CreateTaskBody, TaskListQuery, UpdateTaskBody } from './sales-activity.dto.js'
import type { TaskService } from './task.service.js'

@Authorized()
@JsonController('/tasks')
export class TaskController {
  constructor(private readonly tasks: TaskService) {}

  @Cacheable('tasks:user:{user.id}:status:{query.status|=all}', 60, { maxKeys: 2_000 })
  @Get('/')
  list(@QueryParams() query: TaskListQuery, @CurrentUser() user: SignedInUser): Promise<Task[]> {
    return this.tasks.listOf(user.id, query.status)
  }

  // The overdue tasks of the whole team: the key has no user in it, so the answer must be the same for
  // everyone whom the route lets in.
  @Cacheable('tasks:overdue', 60)
  @Get('/overdue')
  overdue(): Promise<Task[]> {
    return this.tasks.overdue()
  }

  @CacheEvict([
    'tasks:user:{result.userId}:status:{result.status}',
    'tasks:user:{result.userId}:status:all',
    'tasks:overdue',
  ])
  @HttpCode(201)
  @Post('/')
  create(@Body({ required: true }) body: CreateTaskBody, @CurrentUser() actor: SignedInUser): Promise<Task> {
    return this.tasks.create(body, actor)
  }

  // The lists of a previous owner, whom the answer does not name, are evicted by SalesActivityEvents.
  @CacheEvict(['tasks:user:{result.userId}:status:*', 'tasks:overdue'])
  @Put('/:id')
  update(
    @Param('id') id: number,
    @Body({ required: true }) body: UpdateTaskBody,
    @CurrentUser() actor: SignedInUser,
  ): Promise<Task> {
    return this.tasks.update(id, body, actor)
  }

  // The owner's lists, from the answer: an admin may complete another user's task.
  @CacheEvict([
    'tasks:user:{result.userId}:status:PENDING',
    'tasks:user:{result.userId}:status:COMPLETED',
    'tasks:user:{result.userId}:status:all',
    'tasks:overdue',
  ])
  @Post('/:id/complete')
  complete(@Param('id') id: number, @CurrentUser() actor: SignedInUser): Promise<Task> {
    return this.tasks.complete(id, actor)
  }
}
