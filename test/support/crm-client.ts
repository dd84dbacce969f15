import { type Answer, answerOf } from './answer-of.js'

/** Asks a CRM over HTTP, signed in as whomever a token stands for. */
export class CrmClient {
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  get(path: string, token: string): Promise<Answer> {
    return this.#ask('GET', path, token)
  }

  /** @throws Error unless the answer is a success. */
  async write<Json = unknown>(method: string, path: string, token: string, body?: object): Promise<Json> {
    const { status, text } = await this.#ask(method, path, token, body)
    if (status < 200 || status > 299) throw new Error(`${method} ${path} was answered ${status}: ${text}`)
    return (text === '' ? undefined : JSON.parse(text)) as Json
  }

  #ask(method: string, path: string, token: string, body?: object): Promise<Answer> {
    return answerOf(this.#url + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      signal: AbortSignal.timeout(20_000),
      ...(body && { body: JSON.stringify(body) }),
    })
  }
}
