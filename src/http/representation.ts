/** What a response says, without what belongs to one request. Header names are in lower case. */
export interface Representation {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body: Buffer
  /** How the body is kept, where the rule wants that; it is sent so to those who take it. */
  readonly encoding?: 'br' | undefined
  /** Names of the headers of middleware in front that the route took away. */
  readonly removedHeaders?: readonly string[] | undefined
  /** What middleware in front had said in headers that the route then built on: the answer is good on that alone. */
  readonly builtOn?: Readonly<Record<string, string>> | undefined
  /** Once it has been made. */
  tag?: Tag | undefined
}

/** The `ETag` that a function of an application has made of a body. */
export interface Tag {
  readonly by: unknown
  readonly etag: string | undefined
}

/** What Express gives `res.json()`. A value in the store that is bare JSON text means this and status 200. */
export const JSON_TYPE = 'application/json; charset=utf-8'

/** Whether a `Content-Type` is JSON or built on it (RFC 6839, section 3.1). */
export function isJson(contentType: unknown): boolean {
  return typeof contentType === 'string' && /^application\/(.+\+)?json\b/i.test(contentType)
}

/** The parsed body of a JSON answer; `undefined` if it is none. */
export function parsedJson(contentType: unknown, body: Buffer | null): unknown {
  if (body === null || !isJson(contentType)) return undefined
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}
