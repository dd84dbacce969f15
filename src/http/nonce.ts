/** Whether a body contains a nonce that its head allows, which is for one response alone (CSP, section 2.3.1). */
export function containsNonce(headers: Readonly<Record<string, unknown>>, body: Buffer): boolean {
  return ['content-security-policy', 'content-security-policy-report-only'].some((name) =>
    [...textOf(headers[name]).matchAll(/'nonce-([^']+)'/g)].some(([, nonce]) =>
      body.includes(nonce as string),
    ),
  )
}

function textOf(field: unknown): string {
  return field === undefined ? '' : [field].flat().join(',')
}
