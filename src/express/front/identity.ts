import { ADDRESS, type Asked, TRUST } from '../watched-request.js'

/** Express's setting `trust proxy`, as the function it makes of it. */
export type Trust = (address: string | undefined, hop: number) => boolean

/** The names under which something is read, from what users call it: a client's address also comes by a header. */
export function namesOf(harmless: string): readonly string[] {
  return harmless === 'address' ? [ADDRESS, 'x-forwarded-for'] : [harmless.toLowerCase()]
}

/**
 * A URL with what else of a request matters: two requests have the same only if they are the same in all of that. A
 * header that is missing is told from one that is empty.
 *
 * @returns None where the application's own function throws.
 */
export function identityOf(
  url: string,
  names: readonly string[],
  { headers, socket }: Asked,
  trust: Trust | undefined,
): string | undefined {
  let identity = url
  for (const name of names) {
    const value =
      name === ADDRESS ? socket.remoteAddress : name === TRUST ? isTrusted(socket, trust) : headers[name]
    if (value === null) return undefined
    // Neither a URL nor a header has a line break.
    identity += value === undefined ? `\n${name}` : `\n${name}=${String(value)}`
  }
  return identity
}

function isTrusted(socket: Asked['socket'], trust: Trust | undefined): boolean | null {
  try {
    return Boolean(trust?.(socket.remoteAddress, 0))
  } catch {
    return null
  }
}
