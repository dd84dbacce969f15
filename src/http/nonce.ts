import { textOf } from './field-values.js'

const POLICIES = ['content-security-policy', 'content-security-policy-report-only'] as const

/** Whether a body contains a nonce that its head allows, which is for one response alone (CSP, section 2.3.1). */
export function containsNonce(headers: Readonly<Record<string, unknown>>, body: Buffer): boolean {
  return POLICIES.some((name) => {
    const policy = headers[name]
    if (policy === undefined) return false
    const nonces = textOf(policy).matchAll(/'nonce-([^']+)'/g)
    return [...nonces].some(([, nonce]) => body.includes(nonce as string))
  })
}
