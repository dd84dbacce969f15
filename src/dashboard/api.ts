import type { CacheParts } from '../cache-parts.js'
import { CacheError } from '../errors.js'
import { checkQuestion } from '../monitoring/explain/check-question.js'
import { ask } from '../monitoring/gathering.js'
import { isExplainAnswer } from '../monitoring/questions.js'
import type { Explanation } from '../monitoring/reports.js'
import type { DashboardSettings } from './dashboard-api.js'
import type { ResolvedDashboardOptions } from './dashboard-options.js'
import { keyOf, keysOf } from './keys.js'
import { Live } from './live.js'
import { Looking } from './looking.js'
import { overviewOf } from './overview.js'
import { badInput, Refusal } from './refusal.js'
import { preview, removalIn, remove } from './removal.js'
import { ruleMapOf, rulesOf } from './rules.js'

/** Of the hour that the page has asked for already. */
const NEWEST_POINTS = 6

type Body = Readonly<Record<string, unknown>>
const QUESTIONS = ['overview', 'rules', 'map', 'keys', 'key', 'events'] as const
const ACTIONS = ['explain', 'preview', 'evict'] as const
type QuestionName = (typeof QUESTIONS)[number]
type ActionName = (typeof ACTIONS)[number]

/** What the page asks for, see `dashboard-api.ts`. */
export class DashboardApi {
  readonly live: Live
  readonly #parts: CacheParts
  readonly #options: ResolvedDashboardOptions
  readonly #looking: Looking

  constructor(parts: CacheParts, options: ResolvedDashboardOptions) {
    this.#parts = parts
    this.#options = options
    this.#looking = new Looking(parts)
    // Those who begin to look ask for the events before first.
    let told = 0
    this.live = new Live(async () => {
      const look = await this.#looking.now()
      const events = this.#looking.eventsSince(told)
      told = this.#looking.eventCount
      const overview = overviewOf(look, this.#settings)
      return { overview: { ...overview, history: overview.history.slice(-NEWEST_POINTS) }, events }
    })
  }

  isQuestion(name: string): name is QuestionName {
    return QUESTIONS.some((known) => known === name)
  }

  isAction(name: string): name is ActionName {
    return ACTIONS.some((known) => known === name)
  }

  /** @throws Refusal */
  async ask(name: QuestionName, query: URLSearchParams): Promise<unknown> {
    const look = await this.#looking.now()
    switch (name) {
      case 'overview':
        return overviewOf(look, this.#settings)
      case 'rules':
        return rulesOf(look, this.#parts.engine)
      case 'map':
        return ruleMapOf(look)
      case 'keys':
        return keysOf(query, look, this.#parts)
      case 'key':
        return keyOf(query, look, this.#parts, this.#options.values)
      case 'events':
        return this.#looking.events
    }
  }

  /** @throws Refusal */
  async act(name: ActionName, body: Body): Promise<unknown> {
    switch (name) {
      case 'explain':
        return this.#explain(body)
      case 'preview':
        return preview(removalIn(body), this.#parts)
      case 'evict': {
        if (!this.#options.removal) {
          throw new Refusal(
            403,
            'nothing can be removed here',
            'Switch it on: cacheDashboard(cache, { removal: true }).',
          )
        }
        return remove(removalIn(body), this.#parts)
      }
    }
  }

  close(): void {
    this.live.close()
  }

  async #explain(question: unknown): Promise<readonly Explanation[]> {
    try {
      checkQuestion(question)
    } catch (error) {
      if (error instanceof CacheError)
        throw badInput(error.message, 'Give a method, a path with its query, and headers.')
      throw error
    }
    const answers = await ask(this.#parts, { kind: 'explain', question }, isExplainAnswer)
    const all = answers.flatMap(({ explanations }) => explanations)
    // Replicas say the same, and a process without the rule says nothing that another does not say better.
    const ofRules = all.filter(({ rule }) => rule !== '')
    const different = new Map((ofRules.length > 0 ? ofRules : all.slice(0, 1)).map((one) => [idOf(one), one]))
    return [...different.values()]
  }

  get #settings(): DashboardSettings {
    const { values, removal } = this.#options
    const { options, identity } = this.#parts
    return { keyPrefix: options.keyPrefix, version: identity.version, values, removal }
  }
}

function idOf({ route, rule, template }: Explanation): string {
  return JSON.stringify([route, rule, template])
}
