import type { CacheParts } from '../cache-parts.js'
import { gatherReports } from '../monitoring/gathering.js'
import { mergeEvents } from '../monitoring/merge-reports.js'
import { redisReport } from '../monitoring/redis-report.js'
import type { ProcessReport, RedisReport } from '../monitoring/reports.js'
import { realTime } from '../tools/real-time.js'
import type { DashboardEvent } from './dashboard-api.js'

/** However many look, all get what was gathered within that time. */
const FRESH_MS = 900
const MOST_EVENTS = 1_000

/** What was gathered at one time. */
export interface Look {
  readonly reports: readonly ProcessReport[]
  /** What was gathered the time before, if that was a moment ago. */
  readonly before: readonly ProcessReport[]
  readonly redis: RedisReport | null
  readonly keys: number
}

/** Gathers what all processes say, once a second for all who look here, and keeps their newest events. */
export class Looking {
  readonly #parts: CacheParts
  #last: { readonly look: Promise<Look>; readonly at: number } | undefined
  #reports: readonly ProcessReport[] = []
  readonly #newest = new Map<string, number>()
  #events: DashboardEvent[] = []
  #eventCount = 0

  constructor(parts: CacheParts) {
    this.#parts = parts
  }

  now(): Promise<Look> {
    const at = realTime.now()
    if (!this.#last || at - this.#last.at > FRESH_MS) this.#last = { look: this.#gather(), at }
    return this.#last.look
  }

  /** The newest last. */
  get events(): readonly DashboardEvent[] {
    return this.#events
  }

  /** How many there have been. */
  get eventCount(): number {
    return this.#eventCount
  }

  /** Those that have come since there were so many. */
  eventsSince(count: number): readonly DashboardEvent[] {
    const news = this.#eventCount - count
    return news > 0 ? this.#events.slice(-news) : []
  }

  async #gather(): Promise<Look> {
    const { engine, client } = this.#parts
    const [reports, redis, keys] = await Promise.all([
      gatherReports(this.#parts),
      client ? redisReport(client.info) : null,
      engine.count(''),
    ])
    const before = this.#reports
    this.#reports = reports
    this.#keepNews(reports)
    return { reports, before, redis, keys: keys ?? 0 }
  }

  #keepNews(reports: readonly ProcessReport[]): void {
    const news = mergeEvents(
      reports.map((report) => ({
        ...report,
        events: report.events.filter(({ nth }) => nth > (this.#newest.get(report.id) ?? 0)),
      })),
    )
    for (const { processId, nth } of news) {
      this.#newest.set(processId, Math.max(nth, this.#newest.get(processId) ?? 0))
    }
    this.#events = [...this.#events, ...news].slice(-MOST_EVENTS)
    this.#eventCount += news.length
  }
}
