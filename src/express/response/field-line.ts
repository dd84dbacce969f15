const HEAD_END = '\r\n\r\n'

/**
 * Puts a field at the end of a head that has been written down, whatever comes after it. What lists its members
 * (RFC 9110, section 5.6.1) has the last field's after all others.
 *
 * @example
 * withField('HTTP/1.1 200 OK\r\nA: 1\r\n\r\nbody', 'B', '2') // 'HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\n\r\nbody'
 */
export function withField(message: string, name: string, value: string): string {
  const end = message.indexOf(HEAD_END)
  if (end === -1) return message
  return `${message.slice(0, end)}\r\n${name}: ${value}${message.slice(end)}`
}
