import type { ExplainQuestion } from '../../../monitoring/reports.js'
import { ApiError } from '../api.js'

export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** A question as it stands in the form. */
export interface WrittenQuestion {
  readonly method: string
  readonly url: string
  readonly headers: string
  readonly user: string
}

export const EMPTY_QUESTION: WrittenQuestion = { method: 'GET', url: '', headers: '', user: '' }

/**
 * Reads the form. A URL that was copied from the address bar loses its origin.
 *
 * @throws {ApiError} Where a header or the user cannot be read.
 */
export function readQuestion({ method, url, headers, user }: WrittenQuestion): ExplainQuestion {
  return {
    method,
    url: url
      .trim()
      .replace(/^https?:\/\/[^/?#]*/, '')
      .replace(/^(?!\/)/, '/'),
    ...(headers.trim() !== '' && { headers: readHeaders(headers) }),
    ...(user.trim() !== '' && { user: readUser(user) }),
  }
}

function readHeaders(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return Object.fromEntries(
    lines.map((line) => {
      const [, name, value] = /^\s*([^\s:]+)\s*:\s*(.*?)\s*$/.exec(line) ?? []
      if (name === undefined || value === undefined) {
        throw new ApiError({
          message: `The line “${line.trim()}” is no header.`,
          mend: 'Write a name, a colon and a value, such as Accept-Language: ja.',
        })
      }
      return [name.toLowerCase(), value]
    }),
  )
}

function readUser(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ApiError({
      message: 'Who is signed in is not JSON.',
      mend: 'Write it as JSON, with names in double quotes: { "id": 7 }.',
    })
  }
}
