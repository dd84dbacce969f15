import type { CreateService } from '../service.js'
import { AnalyticsController } from './analytics.controller.js'
import { AnalyticsEvents } from './analytics.events.js'
import { analyticsRoutes } from './analytics.routes.js'
import { DashboardService } from './dashboard.service.js'
import { NotificationService } from './notification.service.js'
import { ReportService } from './report.service.js'

export const createAnalyticsService: CreateService = ({ prisma, cache, outbox, authentication }) => {
  const notifications = new NotificationService(prisma, outbox)
  const controller = new AnalyticsController(new DashboardService(prisma), new ReportService(prisma))
  return {
    router: analyticsRoutes(cache, authentication.requireUser, controller, notifications),
    eventHandlers: [new AnalyticsEvents(notifications)],
  }
}
