import type { Request, Response } from 'express'
import { Cacheable } from 'express-cacheable'
import { signedInUser } from '../../http/authentication.js'
import type { DashboardService } from './dashboard.service.js'
import { reportRequestOf } from './report.request.js'
import type { ReportService } from './report.service.js'

/** A plain class of Express handlers. */
export class AnalyticsController {
  constructor(
    private readonly dashboards: DashboardService,
    private readonly reports: ReportService,
  ) {}

  @Cacheable('analytics:dashboard:{user.id}', 180, { mark: 'cached' })
  async getDashboard(req: Request, res: Response): Promise<void> {
    res.json(await this.dashboards.of(signedInUser(req).id))
  }

  // Reports are about the whole company, so everyone gets the same, as the key says.
  @Cacheable('reports:{params.type}:{query.startDate}:{query.endDate}', 3600, { maxKeys: 1_000 })
  async getReport(req: Request, res: Response): Promise<void> {
    res.json(await this.reports.of(reportRequestOf(req)))
  }
}
