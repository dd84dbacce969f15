import { wordFinder } from '../keys/named-words.js'
import { checkQuestion } from './explain/check-question.js'
import { explain } from './explain/explain.js'
import type { ExplainParts } from './explain/explain-parts.js'
import type { Question } from './monitoring.js'
import { recordedEvents } from './process-report.js'
import type { EventRecord, Explanation } from './reports.js'
import { storyOf } from './story.js'

/** Of a key, the newest; an answer has to be short. */
const MOST_EVENTS = 50

/** What a process knows of an entry. */
export interface StoryAnswer {
  /** The process. */
  readonly id: string
  readonly name: string
  readonly events: readonly EventRecord[]
}

/** What answers are made of, and what a process can be told to drop. */
export interface AskedParts extends ExplainParts {
  forgetNamed(isNamed: (text: string) => boolean): void
}

export interface ExplainAnswer {
  readonly explanations: readonly Explanation[]
}

/** This process lets requests with the token past its cache for a while. */
export interface AuditAnswer {
  readonly passed: true
}

/** Whoever audits asks again before that. */
const PASS_MS = 60_000

/** What this process answers to what all are asked; `null` for what it does not know. */
export async function answerQuestion(parts: AskedParts, question: Question): Promise<unknown> {
  switch (question.kind) {
    case 'explain':
      checkQuestion(question.question)
      return { explanations: await explain(parts, question.question) } satisfies ExplainAnswer
    case 'story': {
      const { key, tags } = question
      if (typeof key !== 'string' || !isTexts(tags)) return null
      const events = storyOf(recordedEvents(parts.monitor), key, tags).slice(-MOST_EVENTS)
      const { id, name } = parts.identity
      return { id, name, events } satisfies StoryAnswer
    }
    case 'forget':
      if (isTexts(question.words)) parts.forgetNamed(wordFinder(question.words))
      return null
    case 'audit': {
      const isOpen = parts.context.auditPasses.open(question.token, PASS_MS)
      return isOpen ? ({ passed: true } satisfies AuditAnswer) : null
    }
    default:
      return null
  }
}

export function isStoryAnswer(value: unknown): value is StoryAnswer {
  const { id, name, events } = Object(value) as Partial<StoryAnswer>
  return typeof id === 'string' && typeof name === 'string' && Array.isArray(events) && events.every(isEvent)
}

export function isAuditAnswer(value: unknown): value is AuditAnswer {
  return (Object(value) as Partial<AuditAnswer>).passed === true
}

export function isExplainAnswer(value: unknown): value is ExplainAnswer {
  const { explanations } = Object(value) as Partial<ExplainAnswer>
  return Array.isArray(explanations) && explanations.every(isExplanation)
}

function isEvent(value: unknown): boolean {
  const { nth, at, text } = Object(value) as Partial<EventRecord>
  return typeof nth === 'number' && typeof at === 'number' && typeof text === 'string'
}

function isExplanation(value: unknown): boolean {
  const { rule, steps, next } = Object(value) as Partial<Explanation>
  return typeof rule === 'string' && Array.isArray(steps) && typeof next?.because === 'string'
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}
