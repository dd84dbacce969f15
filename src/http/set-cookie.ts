/** Whether a `Set-Cookie` sets a cookie other than those. */
export function setsCookie(field: unknown, harmless: ReadonlySet<string>): boolean {
  if (field === undefined) return false
  return [field].flat().some((cookie) => !harmless.has(nameOf(String(cookie))))
}

/** RFC 6265, section 5.2: up to the first `=`, without the white space around. */
function nameOf(cookie: string): string {
  const pair = cookie.split(';', 1)[0] as string
  return (pair.split('=', 1)[0] as string).trim()
}
