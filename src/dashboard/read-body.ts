import type { Request } from 'express'
import { isRecord } from '../tools/is-record.js'
import { badInput, Refusal } from './refusal.js'

const MOST_BYTES = 16_384
const MUCH_TOO_LONG = 1_048_576

/** The JSON object of a request; middleware in front may have parsed it. @throws Refusal */
export async function readBody(req: Request): Promise<Readonly<Record<string, unknown>>> {
  const body: unknown = isRead(req) ? req.body : parsed(await textOf(req))
  if (isRecord(body)) return body
  throw badInput('the body is no JSON object', 'Send one, such as {"kind":"key","key":"customer:42"}.')
}

function isRead(req: Request): boolean {
  return req.readableEnded && req.body !== undefined
}

/** What is too long is read to its end all the same, so that whoever sends it gets an answer. */
async function textOf(req: Request): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of req) {
    length += chunk.length
    if (length <= MOST_BYTES) chunks.push(chunk)
    // Longer than anything that a mistake would send.
    if (length > MUCH_TOO_LONG) break
  }
  if (length > MOST_BYTES) throw new Refusal(413, 'the body is too long', `Send ${MOST_BYTES} bytes at most.`)
  return Buffer.concat(chunks).toString()
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
