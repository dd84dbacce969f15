import { MOST_QUESTION_BYTES, type OpenQuestion } from '../gathering.js'
import { REDIS_LUA } from '../lua/scripts.generated.js'
import { defineScript } from './define-script.js'

/*
 * How processes tell whoever looks of themselves. In a cluster all the names lie in one slot, so its store has the same
 * scripts.
 */

/** Several times as long as those who look take to look again. */
const WATCH_MS = 5_000
/** Several times the interval of heartbeats, as for the processes themselves; see `membership.ts`. */
const REPORT_MS = 4_000
/** Longer than anybody waits for an answer. */
const QUESTION_MS = 4_000
/** Whoever goes by it asks for it each second. */
const NAME_MS = 24 * 3_600_000
const MOST_PROCESSES = 1_000
const MOST_QUESTIONS = 16

export const look = defineScript({
  command: 'cacheableLook',
  source: REDIS_LUA.look,
  keys: ['watch', 'members'],
  encode: () => [WATCH_MS, MOST_PROCESSES],
  decode: (processes: string[]) => processes,
})

export const report = defineScript({
  command: 'cacheableReport',
  source: REDIS_LUA.report,
  keys: ['report', 'questions'],
  encode: ({ text }: { text: string }) => [text, REPORT_MS, QUESTION_MS, MOST_QUESTIONS],
  decode: (questions: string[]) => questions.flatMap(questionIn),
})

export const ask = defineScript({
  command: 'cacheableAsk',
  source: REDIS_LUA.ask,
  keys: ['questions'],
  encode: ({ id, text }: OpenQuestion) => [`${id} ${text}`, QUESTION_MS, MOST_QUESTIONS],
  decode: (isAsked: number) => isAsked === 1,
})

export const answer = defineScript({
  command: 'cacheableAnswer',
  source: REDIS_LUA.answer,
  keys: ['answer'],
  encode: ({ text }: { text: string }) => [text, QUESTION_MS],
  decode: () => {},
})

export const readSaid = defineScript({
  command: 'cacheableSaid',
  source: REDIS_LUA.said,
  keys: ['said'],
  encode: ({ mostBytes }: { mostBytes: number }) => [mostBytes],
  decode: (bytes: Buffer | null) => bytes,
  isBinary: true,
})

export const nameProcesses = defineScript({
  command: 'cacheableName',
  source: REDIS_LUA.name,
  keys: ['name'],
  encode: ({ own }: { own: string }) => [own, NAME_MS],
  decode: (name: string) => name,
})

export const GATHERING_SCRIPTS = [look, report, ask, answer, readSaid, nameProcesses]

/** What another program has put there is none. */
function questionIn(member: string): [] | [OpenQuestion] {
  const [, id, text] = /^([\w.-]{1,64}) (.*)$/s.exec(member) ?? []
  if (id === undefined || text === undefined || text.length > MOST_QUESTION_BYTES) return []
  return [{ id, text }]
}
