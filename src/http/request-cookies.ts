/** Whether a request has no cookies (RFC 6265, section 5.4) but those of these names. */
export function hasOnlyCookies(cookies: string | undefined, names: ReadonlySet<string>): boolean {
  return (
    cookies === undefined ||
    cookies.split(';').every((cookie) => {
      const [name = ''] = cookie.split('=')
      return names.has(name.trim())
    })
  )
}
