/** What went wrong, and what to do about it. */
export interface Fault {
  readonly message: string
  readonly mend: string | null
}

export class ApiError extends Error {
  readonly fault: Fault

  constructor(fault: Fault) {
    super(fault.message)
    this.fault = fault
  }
}

export function getJson<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
  return ask<Answer>(path, signal ? { signal } : {})
}

export function postJson<Answer>(path: string, body: unknown): Promise<Answer> {
  return ask<Answer>(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Express-Cacheable': 'dashboard' },
    body: JSON.stringify(body),
  })
}

/** Whatever was thrown, in words. */
export function faultOf(error: unknown): Fault {
  if (error instanceof ApiError) return error.fault
  return { message: error instanceof Error ? error.message : String(error), mend: null }
}

/** Paths are relative, so that the dashboard works wherever it is mounted and behind whatever prefix of a proxy. */
async function ask<Answer>(path: string, options: RequestInit): Promise<Answer> {
  const response = await fetch(path, options).catch((error: unknown) => {
    if (options.signal?.aborted) throw error
    throw new ApiError({
      message: 'The server cannot be reached.',
      mend: 'Look whether the application runs, and whether this machine is connected to it.',
    })
  })
  const body: unknown = await response.json().catch(() => undefined)
  if (body === undefined) throw new ApiError(notJson(response))
  if (!response.ok) throw new ApiError(faultIn(body) ?? notJson(response))
  return body as Answer
}

function faultIn(body: unknown): Fault | undefined {
  const error = (body as { error?: Partial<Fault> } | null)?.error
  return typeof error?.message === 'string' ? { message: error.message, mend: error.mend ?? null } : undefined
}

/** A guard in front of the dashboard answers in a manner of its own, mostly with a page to sign in. */
function notJson({ status, redirected }: Response): Fault {
  const isGuard = redirected || status === 401 || status === 403
  return {
    message: `The server answered with status ${status} and without data.`,
    mend: isGuard ? 'Sign in to the application again, and load this page anew.' : 'Load this page anew.',
  }
}
