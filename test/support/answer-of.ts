/** One HTTP answer, read to its end. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly xCache: string | null
  readonly body: Buffer
  readonly text: string
}

export async function answerOf(url: string, init?: RequestInit): Promise<Answer> {
  const response = await fetch(url, init)
  const body = Buffer.from(await response.arrayBuffer())
  return {
    status: response.status,
    headers: response.headers,
    xCache: response.headers.get('x-cache'),
    body,
    text: body.toString(),
  }
}
