import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { mendOf } from '#src/monitoring/mends.js'
import { PROJECT_ROOT } from '../../support/project-root.js'

const TEXT = /'(?:[^'\\\n]|\\.)+'|`[^`\n]+`/.source

/** The shapes in which the sources say why they go past the cache, or store nothing. */
const SHAPES = [
  // bypass(request, key, '…'), this.#bypass('…')
  new RegExp(`\\bbypass\\((?:[^()]|\\([^()]*\\))*?(${TEXT})\\)`, 'g'),
  // { …, reason: '…' }, also behind a `?`, a `:` or a `??`
  new RegExp(`\\breason: (?:[a-z]+ \\?\\? )?(${TEXT})`, 'g'),
  // no('…') in storability
  new RegExp(`\\bno\\((${TEXT})\\)`, 'g'),
  // lost(reason: '…' | '…')
  new RegExp(`(?<=lost\\(reason: [^)]*)(${TEXT})`, 'g'),
]
/** Functions whose texts are reasons. */
const REFUSALS = /function (?:refusalOf|refusalOfHead|refusalByCondition|unanswerable|whyPast)\b[\s\S]*?\n\}/g
const OF_METHOD = /#refusalOf\(value[\s\S]*?\n {2}\}/g

/** Those of other events than `bypass` and `not-stored`. */
const ELSEWHERE = /type: '(?:discard|warm-stopped)'/

const ROOMS = ['engine', 'express', 'functions', 'http', 'keys', 'nest', 'routing-controllers', 'rules']

function reasonsIn(source: string): string[] {
  const lines = source.split('\n').filter((line) => !ELSEWHERE.test(line))
  const text = lines.join('\n')
  const shaped = SHAPES.flatMap((shape) => [...text.matchAll(shape)].map(([, literal]) => literal as string))
  const refusals = [...text.matchAll(REFUSALS), ...text.matchAll(OF_METHOD)].flatMap(([body]) =>
    [...body.matchAll(new RegExp(`(?:return|\\?|:|, ) ?(${TEXT})`, 'g'))].map(
      ([, literal]) => literal as string,
    ),
  )
  return [...shaped, ...refusals].map((literal) => literal.slice(1, -1).replaceAll(/\$\{[^}]*\}/g, '1'))
}

/** What else stands in those functions: methods, options, headers, types of events. */
const NO_REASONS = new Set([
  ...['GET', 'HEAD', 'unless', 'condition', 'content-range', 'no-cache', 'private'],
  ...['lost', 'not-stored', 'option-failed'],
])

describe('mends', () => {
  const sources = ROOMS.flatMap((room) => {
    const folder = join(PROJECT_ROOT, 'src', room)
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(folder, file), 'utf8'))
  })
  const reasons = [...new Set(sources.flatMap(reasonsIn))].filter((reason) => !NO_REASONS.has(reason)).sort()

  it('are looked for where reasons are', () => {
    expect(reasons).to.include.members([
      ...['disabled', 'method 1', 'Range', 'condition failed', 'credentials', 'no value for 1'],
      ...['no value for part 1 of the key', 'no parts of a key', 'key over 1 bytes', 'store unavailable'],
      ...[
        'rule is full',
        'answered already',
        'request no-store',
        'HEAD without an entry',
        'unreadable value',
      ],
      ...["the key holds a 1 that is not the cache's", 'status 1', 'Set-Cookie', 'Vary: 1', 'Vary: *'],
      ...[
        'Cache-Control: 1',
        'incomplete body',
        'no freshness left',
        'nonce',
        'JSONP',
        'aborted',
        'too large',
      ],
      ...["tag '1': 1", 'unusable tag', 'too many tags', 'no tags', 'the function failed', 'unless failed'],
    ])
  })

  for (const reason of [...reasons, 'condition', 'unless', 'other']) {
    it(`say what to do about '${reason}'`, () => {
      // As `Transfer-Encoding: ${coding}` and the like come, with a value of the request's in it.
      expect(mendOf(reason.replace(/^method 1$/, 'method PUT'))).to.not.equal(undefined)
    })
  }

  it('tell a value that says who asks from others', () => {
    expect(mendOf('no value for {user.id}')).to.match(/signed in/)
    expect(mendOf('no value for {query.page}')).to.match(/default/)
    expect(mendOf('no value for {username}')).to.match(/default/)
  })
})
