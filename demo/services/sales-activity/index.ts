import type { CreateService } from '../service.js'
import { MeetingController } from './meeting.controller.js'
import { MeetingService } from './meeting.service.js'
import { SalesActivityEvents } from './sales-activity.events.js'
import { TaskController } from './task.controller.js'
import { TaskService } from './task.service.js'

export const createSalesActivityService: CreateService = ({ prisma, outbox }) => ({
  controllers: [
    new TaskController(new TaskService(prisma, outbox)),
    new MeetingController(new MeetingService(prisma, outbox)),
  ],
  eventHandlers: [new SalesActivityEvents(outbox)],
})
