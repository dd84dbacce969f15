import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { CommandError } from '#demo/command-error.js'

/** The app with a cache, and the same without one. */
export interface Pair<Of> {
  readonly cached: Of
  readonly plain: Of
}

/** What a request met with. */
export interface Answer {
  /** As `performance.now()` says it. */
  readonly sentAt: number
  readonly ms: number
  readonly xCache: string | undefined
}

const CONNECTIONS = 20
/** Far less than the apps could answer: else the latencies would be those of requests that wait for each other. */
const EVERY_MS = 40
const CUSTOMERS = 100
const WRITE_SHARE = 0.1

const agent = new Agent({ keepAlive: true })

/**
 * Asks two apps for customers while `work` is done: each of 20 connections every 40 ms, or as soon as its last answer
 * is there. It asks them in turn, so that whatever slows the machine down for a moment slows both.
 *
 * @returns The answers of each in the order in which they were asked for.
 * @throws {CommandError} When a single answer was not 200.
 */
export async function answersDuring(
  urls: Pair<string>,
  work: () => Promise<unknown>,
): Promise<Pair<readonly Answer[]>> {
  const answers: Pair<Answer[]> = { cached: [], plain: [] }
  let isOver = false
  const connect = async (connection: number): Promise<void> => {
    let nextAt = performance.now() + (connection * EVERY_MS) / CONNECTIONS
    for (let turn = connection; !isOver; turn++) {
      const waitMs = nextAt - performance.now()
      if (waitMs > 0) await sleep(waitMs)
      const app = turn % 2 === 0 ? 'cached' : 'plain'
      answers[app].push(await ask(urls[app]))
      nextAt = Math.max(nextAt + EVERY_MS, performance.now())
    }
  }
  const connections = Array.from({ length: CONNECTIONS }, (_, connection) => connect(connection))
  const worked = work().finally(() => {
    isOver = true
  })
  await Promise.all([worked, ...connections])
  return { cached: inOrder(answers.cached), plain: inOrder(answers.plain) }
}

function inOrder(answers: readonly Answer[]): Answer[] {
  return [...answers].sort((a, b) => a.sentAt - b.sentAt)
}

function ask(url: string): Promise<Answer> {
  const method = Math.random() < WRITE_SHARE ? 'PUT' : 'GET'
  const path = `/customers/${1 + Math.floor(Math.random() * CUSTOMERS)}`
  const sentAt = performance.now()
  return new Promise((resolve, reject) => {
    const asked = request(url + path, { method, agent }, (res) => {
      res.resume().once('end', () => {
        const ms = performance.now() - sentAt
        if (res.statusCode === 200)
          resolve({ sentAt, ms, xCache: res.headers['x-cache'] as string | undefined })
        else reject(new CommandError(`${method} ${path} was answered with ${res.statusCode}.`))
      })
    })
    asked.once('error', reject).end()
  })
}
