import type { CreateService } from '../service.js'
import { MeetingController } from './meeting.controller.js'
import { MeetingService } from './meeting.service.js'
import { SalesActivityEvents } from './sales-activity.events.js'
import { TaskController } from './task.controller.js'
import { TaskService } from './task.service.js'

export const createSalesActivityService: CreateService = ({ prisma, publish }) => ({
  controllers: [
    new TaskController(new TaskService(prisma, publish)),
    new MeetingController(new MeetingService(prisma, publish)),
  ],
  eventHandlers: [new SalesActivityEvents(prisma, publish)],
})
