import type { Random } from '../../consistency/random.js'

/** Of what messages like ours are made; random bytes alone never look like one. */
const PIECES: readonly string[] = [
  ...[
    'HTTP/1.1 ',
    'HTTP/1.1 200',
    '200',
    '204',
    '304',
    '206',
    '599',
    ' ',
    '\r\n',
    '\r\n\r\n',
    '\n',
    '\0',
    '\x7f',
    '\xff',
  ],
  ...[
    'content-type: application/json; charset=utf-8',
    'content-type: text/html',
    'encoding-at-rest: br',
    'etag: "a"',
  ],
  ...[
    'set-cookie: a=b',
    'cache-control: no-store',
    'cache-control: max-age=5',
    'content-length: 3',
    'age: 7',
    'vary: *',
  ],
  ...[
    'transfer-encoding: chunked',
    'content-encoding: gzip',
    'x-a: b',
    ': ',
    'x y: z',
    '__proto__: x',
    'location: /',
  ],
  ...[
    '{',
    '}',
    '[',
    ']',
    '"',
    ',',
    ':',
    'null',
    'true',
    '1',
    '-',
    'e+',
    '{"a":1}',
    '{not json}',
    '[{"kind":"glob","glob":"',
  ],
  ...[
    '"kind"',
    '"key"',
    '"glob"',
    '"pattern"',
    '*',
    '?',
    '[a-',
    '\\',
    '!',
    '#',
    '\x1b\x00\x00',
    '\x8b\x00\x80',
  ],
]

/** Bytes that look like something, and like nothing. */
export function randomBytes(random: Random): Buffer {
  if (random.chance(0.2)) return noise(random, random.below(200))
  const pieces = Array.from({ length: random.below(12) }, () =>
    random.chance(0.1) ? noise(random, 8) : Buffer.from(random.oneOf(PIECES), 'latin1'),
  )
  const whole = Buffer.concat(pieces)
  // One that is well but for a byte.
  if (whole.length > 0 && random.chance(0.3)) whole[random.below(whole.length)] = random.below(256)
  return random.chance(0.02) ? Buffer.concat(Array.from({ length: 2_000 }, () => whole)) : whole
}

function noise(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.below(256)))
}
