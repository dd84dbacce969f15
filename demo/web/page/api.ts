import { type Note, noteOf } from './note.js'

export interface FieldProblem {
  readonly field: string
  readonly problem: string
}

export interface Answer<Data> {
  readonly data: Data
  readonly note: Note
}

/** An answer that is not the one that was asked for; `status` 0: there was none. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly fields: readonly FieldProblem[] = [],
  ) {
    super(message)
  }
}

export interface Asking {
  readonly method?: string
  readonly body?: object
  readonly signal?: AbortSignal
}

/** The public API, as one who holds a bearer token sees it. */
export class Api {
  /** Settles when the last read that was asked for has its answer. */
  private lastRead: Promise<unknown> = Promise.resolve()

  /** @param onEnd - Called when the token is not, or no longer, accepted. */
  constructor(
    private readonly token: string,
    private readonly onEnd: () => void,
  ) {}

  /** Reads in their turn, one at a time, so that each has the time of its own request and of nothing beside it. */
  read<Data>(path: string, signal: AbortSignal): Promise<Answer<Data>> {
    const reading = this.lastRead.then(() => {
      signal.throwIfAborted()
      return this.ask<Data>(path, { signal })
    })
    this.lastRead = reading.catch(() => {})
    return reading
  }

  /** @throws {ApiProblem} For a status of 400 and up, and where nobody answers. */
  async ask<Data>(path: string, { method = 'GET', body, signal }: Asking = {}): Promise<Answer<Data>> {
    try {
      return await ask<Data>(path, { method, ...(body && { body }), ...(signal && { signal }) }, this.token)
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) this.onEnd()
      throw error
    }
  }
}

/** @throws {ApiProblem} With 401 when the password is wrong. */
export async function signIn<Data>(email: string, password: string): Promise<Data> {
  return (await ask<Data>('/api/auth/login', { method: 'POST', body: { email, password } })).data
}

async function ask<Data>(
  path: string,
  { method, body, signal }: Asking,
  token?: string,
): Promise<Answer<Data>> {
  const started = performance.now()
  const { response, text } = await send(path, {
    ...(method && { method }),
    ...(signal && { signal }),
    ...(body && { body: JSON.stringify(body) }),
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body && { 'content-type': 'application/json' }),
    },
    // What is to be seen is the cache of the server, not that of the browser.
    cache: 'no-store',
    credentials: 'same-origin',
  })
  const note = noteOf(response.headers, lastedMs(response.url, started))
  const data = parse(text)
  if (response.ok) return { data: data as Data, note }
  const { error, fields } = (data ?? {}) as { error?: unknown; fields?: unknown }
  const message = typeof error === 'string' ? error : response.statusText
  throw new ApiProblem(response.status, message, Array.isArray(fields) ? fields : [])
}

async function send(path: string, init: RequestInit): Promise<{ response: Response; text: string }> {
  try {
    const response = await fetch(path, init)
    return { response, text: await response.text() }
  } catch (error) {
    if (init.signal?.aborted) throw error
    throw new ApiProblem(0, '')
  }
}

/**
 * How long the request took, as the browser's network has it: what this page was drawing meanwhile is not the server's.
 */
function lastedMs(url: string, started: number): number {
  const timing = performance.getEntriesByName(url, 'resource').at(-1) as PerformanceResourceTiming | undefined
  // The browser keeps 250 and no more.
  performance.clearResourceTimings()
  const isThis = timing !== undefined && timing.startTime >= started
  return isThis ? timing.responseEnd - timing.startTime : performance.now() - started
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
