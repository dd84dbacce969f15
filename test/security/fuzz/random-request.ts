import type { Random } from '../../consistency/random.js'
import type { RawRequest } from '../../support/raw-http.js'

const METHODS = ['GET', 'GET', 'GET', 'GET', 'HEAD', 'POST', 'OPTIONS', 'PUT'] as const
const PATHS = [
  '/rows/1',
  '/rows/2',
  '/rows/%31',
  '/rows/a%2Fb',
  '/rows/%E0%A4',
  '/rows/',
  '/ROWS/1',
  '//rows/1',
  '/none',
  '/late',
]
const QUERIES = [
  '',
  '',
  '?q=a',
  '?q=b',
  '?q=a&q=b',
  '?q[]=a',
  '?q=%',
  '?q',
  '?',
  '?constructor=a',
  '?q=a#b',
  '?callback=f',
]
const HEADERS: readonly (readonly [name: string, values: readonly string[]])[] = [
  ['Host', ['a.example', 'b.example', 'A.EXAMPLE', 'a.example:80', '127.0.0.1']],
  ['X-Forwarded-Host', ['a.example', 'evil.example', 'a.example, b.example']],
  ['X-Forwarded-Proto', ['http', 'https', 'https,http']],
  ['X-Forwarded-For', ['10.0.0.1', '192.0.2.1, 10.0.0.1', 'nobody']],
  ['Forwarded', ['host=evil.example;proto=https']],
  ['Accept-Encoding', ['gzip', 'br', 'br;q=0', '*', 'identity', '']],
  ['Accept', ['application/json', 'text/html', '*/*;q=0']],
  ['Accept-Language', ['de', 'fr, en;q=0.5']],
  ['Origin', ['https://a.example', 'null']],
  ['Cookie', ['sid=1', '_stats=1', '_stats=1; sid=2', '=', ';;']],
  ['Authorization', ['Bearer x', '']],
  ['Range', ['bytes=0-1', 'bytes=-1', 'nothing']],
  ['If-None-Match', ['*', '"a"', 'W/"a"', '"']],
  ['If-Modified-Since', ['Thu, 01 Jan 1970 00:00:00 GMT', 'soon']],
  ['Cache-Control', ['no-cache', 'no-store', 'max-age=0', '"']],
  ['X-HTTP-Method-Override', ['PUT']],
  ['User-Agent', ['one', 'two']],
  ['Referer', ['https://evil.example/']],
  ['X-Tenant', ['a', 'b']],
  ['Content-Length', ['0']],
]

/** A request as a client that is odd, old or hostile may send it. */
export function randomRequest(random: Random): RawRequest {
  const headers: Record<string, string> = {}
  // Most say little, so that URLs come to be known.
  const count = random.chance(0.6) ? random.below(2) : random.below(6)
  for (let nth = 0; nth < count; nth++) {
    const [name, values] = random.oneOf(HEADERS)
    headers[name] = random.oneOf(values)
  }
  return { method: random.oneOf(METHODS), target: random.oneOf(PATHS) + random.oneOf(QUERIES), headers }
}
