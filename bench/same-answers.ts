import { CommandError } from '#demo/command-error.js'
import type { Demo } from './demo-handle.js'
import { headersOf } from './drive.js'
import type { Visit, Walk } from './walks.js'

export interface Checked {
  /** How many different requests were compared. */
  readonly requests: number
  /** SQL statements per request of each route, with the first demo. */
  readonly queriesByRoute: ReadonlyMap<string, number>
}

interface Request extends Visit {
  readonly person: number
}

/**
 * Asks every demo for everything on the walks, twice, so that no speed comes from a wrong answer: the second
 * answer of a cache is a hit. It also fills the caches.
 *
 * @throws {CommandError} When an answer is not 200, or differs from the first demo's.
 */
export async function checkSameAnswers(demos: readonly Demo[], walks: readonly Walk[]): Promise<Checked> {
  const [reference, ...others] = demos as [Demo, ...Demo[]]
  const queriesByRoute = new Map<string, number>()
  const requests = distinct(walks)
  for (const request of requests) {
    const before = await reference.counts()
    const expected = await answerOf(reference, request)
    const after = await reference.counts()
    queriesByRoute.set(request.route, after.queries - before.queries)
    for (const demo of [...others, ...others]) {
      const answer = await answerOf(demo, request)
      if (answer !== expected)
        throw new CommandError(differenceOf(request, reference, expected, demo, answer))
    }
  }
  return { requests: requests.length, queriesByRoute }
}

/** The JSON that the demo answers. @throws {CommandError} When it is not a 200. */
export async function readJson<Body>(demo: Demo, person: number, path: string): Promise<Body> {
  const response = await fetch(demo.url + path, { headers: headersOf(demo, person) })
  const body = await response.text()
  if (response.status === 200) return JSON.parse(body)
  throw new CommandError(`${demo.name}: GET ${path} answered ${response.status}: ${body}`)
}

/** The answer as text, aside from what says when it was made and whether it came from the cache. */
async function answerOf(demo: Demo, { person, path }: Request): Promise<string> {
  const body = await readJson<object>(demo, person, path)
  return JSON.stringify(body, (key, value) => (key === 'generatedAt' || key === 'cached' ? undefined : value))
}

function distinct(walks: readonly Walk[]): Request[] {
  const requests = walks.flatMap(({ person, visits }) => visits.map((visit) => ({ ...visit, person })))
  return [...new Map(requests.map((request) => [`${request.person} ${request.path}`, request])).values()]
}

function differenceOf(
  { path }: Request,
  reference: Demo,
  expected: string,
  demo: Demo,
  answer: string,
): string {
  return [
    `GET ${path} is answered differently:`,
    `  ${reference.name}: ${expected}`,
    `  ${demo.name}: ${answer}`,
  ].join('\n')
}
