/**
 * Whether a statement that ended with this code has not happened (PostgreSQL 17, appendix A). With a lost connection
 * (class 08), a server that shuts down or crashes (57P), and `40003`, nobody knows.
 */
export function isRefusalCode(code: unknown): boolean {
  return typeof code === 'string' && /^(?!08|57P|40003)[0-9A-Z]{5}$/.test(code)
}
