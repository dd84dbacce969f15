import { Agent, request } from 'node:http'
import type { LifeRequest } from './requests.js'
import type { RunningSubject } from './running-subject.js'
import { pathOf } from './things.js'

/** What became of a request. */
export interface Outcome {
  /** As `performance.now()` says it: when it was due. */
  readonly dueAt: number
  /** From then until the whole answer was there. */
  readonly ms: number
  /** It showed an older version than one whose write had been acknowledged before it was sent. */
  readonly isStale: boolean
  /** No answer, or another than 200. */
  readonly isError: boolean
}

const OK = 200
const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })

/** Sends one request, and looks whether its answer is old. @param dueAt - When it should have been sent. */
export async function ask(
  { urls, truth }: RunningSubject,
  wanted: LifeRequest,
  dueAt = performance.now(),
): Promise<Outcome> {
  const leastVersion = truth.leastVersion(wanted)
  const url = `${urls[wanted.process]}${pathOf(wanted.key)}`
  const text = await answerOf(url, wanted.isWrite ? 'PUT' : 'GET').catch(() => undefined)
  const ms = performance.now() - dueAt
  if (text === undefined) return { dueAt, ms, isStale: false, isError: true }
  if (!wanted.isWrite) return { dueAt, ms, isStale: versionIn(text) < leastVersion, isError: false }
  truth.acknowledge(wanted.key, JSON.parse(text))
  return { dueAt, ms, isStale: false, isError: false }
}

/** Only its beginning is read on, as that names the version. */
function answerOf(url: string, method: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, agent }, (res) => {
      let first: Buffer | undefined
      res.once('error', reject)
      res.on('data', (chunk: Buffer) => {
        first ??= chunk
      })
      res.once('end', () => {
        if (res.statusCode === OK) resolve(String(first))
        else reject(new Error(`${method} ${url} was answered with ${res.statusCode}.`))
      })
    })
    asked.once('error', reject).end()
  })
}

function versionIn(text: string): number {
  return Number(text.slice('{"version":'.length, text.indexOf(',')))
}
