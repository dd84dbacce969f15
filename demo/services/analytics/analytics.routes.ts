import { type RequestHandler, Router } from 'express'
import type { Cache } from 'express-cacheable'
import { signedInUser } from '../../http/authentication.js'
import { checkId } from '../../http/parse-input.js'
import type { AnalyticsController } from './analytics.controller.js'
import type { NotificationService } from './notification.service.js'
import { checkReportRequest } from './report.request.js'

/** Plain Express: decorated methods through `cache.handlers`, single routes through `cache.cacheable`. */
export function analyticsRoutes(
  cache: Cache,
  requireUser: RequestHandler,
  controller: AnalyticsController,
  notifications: NotificationService,
): Router {
  const { getDashboard, getReport } = cache.handlers(controller)
  const router = Router()
  router.param('id', checkId)

  router.get('/analytics/dashboard', requireUser, getDashboard)

  router.get('/reports/:type', requireUser, checkReportRequest, getReport)

  router.get(
    '/notifications/unread',
    requireUser,
    cache.cacheable('notifications:user:{user.id}:unread', 30),
    async (req, res) => {
      res.json(await notifications.unreadOf(signedInUser(req).id))
    },
  )

  router.post(
    '/notifications/:id/read',
    requireUser,
    cache.evict(['notifications:user:{user.id}:unread']),
    async (req, res) => {
      res.json(await notifications.read(Number(req.params.id), signedInUser(req).id))
    },
  )

  return router
}
