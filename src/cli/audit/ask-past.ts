import { AUDIT_HEADER } from '../../auditing/audit-passes.js'
import type { AuditedAnswer } from '../../auditing/audited-answer.js'

/** What an application answers past its cache, and which key the request came to. */
export interface PastAnswer extends AuditedAnswer {
  /** `null`: it did not come to a rule. */
  readonly key: string | null
}

const ANSWERED_WITHIN_MS = 30_000
const KEY = /(?:^|[;,])\s*express-cacheable;[^,]*\bkey="((?:[^"\\]|\\.)*)"/

/** Asks an application past its cache. @throws Error if it does not answer. */
export async function askPast(
  url: string,
  token: string,
  headers: Readonly<Record<string, string>>,
): Promise<PastAnswer> {
  const response = await fetch(url, {
    headers: { ...headers, [AUDIT_HEADER]: token },
    redirect: 'manual',
    signal: AbortSignal.timeout(ANSWERED_WITHIN_MS),
  })
  const body = Buffer.from(await response.arrayBuffer())
  const [, key] = KEY.exec(response.headers.get('cache-status') ?? '') ?? []
  return {
    ...{ status: response.status, body },
    contentType: response.headers.get('content-type') ?? undefined,
    key: key === undefined ? null : key.replaceAll(/\\(.)/g, '$1'),
  }
}
