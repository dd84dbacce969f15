import type { HistoryPoint } from '../../../monitoring/reports.js'
import type { DashboardEvent, Overview } from '../../dashboard-api.js'
import { type Fault, faultOf, getJson } from '../api.js'
import { addEvents } from './event-log.js'
import { addHistory } from './history.js'

/** Of one second. */
export interface RecentPoint {
  readonly at: number
  readonly rates: Overview['rates']
  /** Handler time that hits saved since the second before. */
  readonly savedMs: number
}

export interface Live {
  readonly connection: 'connecting' | 'live' | 'lost'
  /** Why it was lost, where the server says so. */
  readonly fault: Fault | null
  readonly overview: Overview | null
  readonly history: readonly HistoryPoint[]
  /** The last minute. */
  readonly recent: readonly RecentPoint[]
  /** The newest last. */
  readonly events: readonly DashboardEvent[]
}

const RECENT_POINTS = 60
/** The server speaks each second. */
const SILENCE_MS = 6000
const RETRY_MS = [500, 1000, 2000, 4000] as const
/** Who looks makes all processes send reports; a page that nobody sees shall not. */
const HIDDEN_MS = 20_000
/** Events come in bursts, and people read none of them within this. */
const TELL_MS = 200

/** What the server tells as it happens: connects, tries again when it breaks off, and rests while nobody sees the page. */
export class LiveFeed {
  state: Live = {
    connection: 'connecting',
    fault: null,
    overview: null,
    history: [],
    recent: [],
    events: [],
  }
  readonly #listeners = new Set<() => void>()
  #source: EventSource | undefined
  #attempts = 0
  #telling: ReturnType<typeof setTimeout> | undefined
  #silence: ReturnType<typeof setTimeout> | undefined
  #retry: ReturnType<typeof setTimeout> | undefined
  #hiding: ReturnType<typeof setTimeout> | undefined

  constructor() {
    document.addEventListener('visibilitychange', () => this.#followVisibility())
    this.#connect()
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #connect(): void {
    this.#disconnect()
    const source = new EventSource('api/live')
    this.#source = source
    source.addEventListener('open', () => void this.#catchUp())
    source.addEventListener('overview', ({ data }) => this.#takeOverview(JSON.parse(data)))
    source.addEventListener('events', ({ data }) => this.#takeEvents(JSON.parse(data)))
    source.addEventListener('error', () => void this.#lose())
    this.#watchSilence()
  }

  #disconnect(): void {
    this.#source?.close()
    this.#source = undefined
    clearTimeout(this.#silence)
    clearTimeout(this.#retry)
  }

  #takeOverview(overview: Overview): void {
    const before = this.state.overview
    const saved = before ? Math.max(0, overview.totals.savedMs - before.totals.savedMs) : 0
    const point = { at: overview.at, rates: overview.rates, savedMs: saved }
    this.#attempts = 0
    this.#watchSilence()
    this.#set({
      connection: 'live',
      fault: null,
      overview,
      history: addHistory(this.state.history, overview.history),
      recent: [...this.state.recent, point].slice(-RECENT_POINTS),
    })
  }

  #takeEvents(events: readonly DashboardEvent[]): void {
    this.#watchSilence()
    this.#set({ events: addEvents(this.state.events, events) })
  }

  /** What was before the connection, and what came between two. */
  async #catchUp(): Promise<void> {
    const [overview, events] = await Promise.all([
      getJson<Overview>('api/overview').catch(() => null),
      getJson<DashboardEvent[]>('api/events').catch(() => []),
    ])
    // What is told live has the newest points alone.
    if (overview) this.#set({ history: addHistory(this.state.history, overview.history) })
    this.#takeEvents(events)
  }

  async #lose(): Promise<void> {
    this.#disconnect()
    this.#set({ connection: 'lost' })
    const waitMs = RETRY_MS[Math.min(this.#attempts++, RETRY_MS.length - 1)] ?? 0
    this.#retry = setTimeout(() => this.#connect(), waitMs)
    // An EventSource does not tell what the server has said.
    const fault = await getJson('api/overview').then(() => null, faultOf)
    if (this.state.connection === 'lost') this.#set({ fault })
  }

  /** A connection may break without a word, and a proxy may keep words back. */
  #watchSilence(): void {
    clearTimeout(this.#silence)
    this.#silence = setTimeout(() => void this.#lose(), SILENCE_MS)
  }

  #followVisibility(): void {
    clearTimeout(this.#hiding)
    if (document.hidden) this.#hiding = setTimeout(() => this.#disconnect(), HIDDEN_MS)
    else if (!this.#source) this.#connect()
  }

  #set(changes: Partial<Live>): void {
    this.state = { ...this.state, ...changes }
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined
      for (const listener of this.#listeners) listener()
    }, TELL_MS)
  }
}
