import { ALLOWED_BEHAVIOUR } from './allowed-behaviour.js'
import { ALLOWED_DIFFERENCES, type Kind, withoutInformational } from './allowed-differences.js'
import { headerOf, isInformational, type Message, parseStream } from './http-stream.js'
import type { Mode } from './modes.js'
import type { Exchange } from './run-shape.js'

const LONGEST_BODY = 400
const DATE = /\w{3}, \d{2} \w{3} \d{4} [\d:]{8} GMT/g

/** What is compared: one exchange of a shape, by its place in a row of them. */
export interface Compared {
  readonly shape: string
  readonly mode: Mode
  readonly at: number
}

/** What an exchange with the cache has otherwise than the bare one, to read; `undefined` if nothing. */
export function differenceOf(
  bare: Exchange,
  ours: Exchange,
  { shape, mode, at }: Compared,
): string | undefined {
  const kind = kindOf(ours, mode)
  const [before, after] = linesOf(bare, ours, kind, shape)
  if (before.join('\n') === after.join('\n')) return undefined
  const title = `${mode.name}, ${ours.wire}, request ${at + 1} (${kind})`
  return [title, ...diff(before, after)].join('\n')
}

function kindOf({ received, method, wire, isHandled }: Exchange, mode: Mode): Kind {
  if (mode.kind === 'write') return 'held'
  const methods = wire === 'pipelined' ? ['GET', method] : [method]
  const answers = withoutInformational(parseStream(received.bytes, methods).messages)
  const answer = answers[methods.length - 1]
  if (isHandled || !answer || headerOf(answer, 'x-cache') !== 'HIT') return 'miss'
  return mode.isFront ? 'front hit' : 'hit'
}

function linesOf(bare: Exchange, ours: Exchange, kind: Kind, shape: string): [string[], string[]] {
  const isHit = kind === 'hit' || kind === 'front hit'
  const [streamBefore, streamAfter] = [bare, ours].map(({ received, method, wire }) =>
    parseStream(received.bytes, wire === 'pipelined' ? ['GET', method, 'GET'] : [method, 'GET']),
  ) as [ReturnType<typeof parseStream>, ReturnType<typeof parseStream>]
  const before = isHit ? withoutInformational(streamBefore.messages) : streamBefore.messages
  const after = isHit ? withoutInformational(streamAfter.messages) : streamAfter.messages
  // A hit does not close the connection because its handler did, so it may have answers more.
  const count = isHit ? before.length : Math.max(before.length, after.length)
  // What an answer has begun with stays held if it never ends.
  const neverEnds = [bare, ours].every(({ received }) => received.end === 'hung')
  if (kind === 'held' && neverEnds && !before[after.length]?.isComplete) before.splice(after.length)
  for (let at = 0; at < count; at += 1) {
    const [one, other] = [before[at], after[at]]
    if (!one || !other || isInformational(one) !== isInformational(other)) continue
    for (const { on, shapes, forgive } of ALLOWED_DIFFERENCES) {
      if (on.includes(kind) && (shapes?.test(shape) ?? true)) forgive(one, other)
    }
  }
  let logs: readonly [readonly string[], readonly string[]] = [bare.log, ours.log]
  for (const { on, forgive } of ALLOWED_BEHAVIOUR) if (on.includes(kind)) logs = forgive(...logs)
  return [
    [
      ...textOf(before.slice(0, count), streamBefore.rest, bare),
      ...(isHit ? [] : behaviour({ ...bare, log: logs[0] })),
    ],
    [
      ...textOf(after.slice(0, count), streamAfter.rest, ours),
      ...behaviour({ ...ours, log: isHit ? [] : logs[1] }),
    ],
  ]
}

function textOf(messages: readonly Message[], rest: Buffer, { received }: Exchange): string[] {
  // Who has gone on his own account has read as much as happened to be there.
  if (received.end === 'left' && received.bytes.length === 0) return ['the client left']
  return [
    ...messages.flatMap(linesOfMessage),
    ...(rest.length > 0 ? [`no message: ${quoted(rest).replace(DATE, 'now')}`] : []),
    `connection ${received.end}`,
  ]
}

function linesOfMessage(message: Message): string[] {
  const { statusLine, headers, framing, chunks, trailers, isComplete } = message
  return [
    statusLine,
    ...headers.map(([name, value]) => `  ${name}: ${value}`),
    `  (${framing}${isComplete ? '' : ', cut off'})`,
    ...chunks.map((chunk) => `  ${quoted(chunk)}`),
    ...trailers.map(([name, value]) => `  trailer ${name}: ${value}`),
  ]
}

/** For a hit no handler runs, so there is nothing for it to see, or to bring upon the process. */
function behaviour({ log, trouble }: Exchange): string[] {
  return [...log.map((line) => `saw ${line}`), ...trouble.map((line) => `process: ${line}`)]
}

function quoted(bytes: Buffer): string {
  const text = JSON.stringify(bytes.toString('latin1'))
  return text.length > LONGEST_BODY ? `${text.slice(0, LONGEST_BODY)}… ${bytes.length} bytes` : text
}

/** Lines that both have, that only the bare one has (-), and that only ours has (+). */
function diff(before: readonly string[], after: readonly string[]): string[] {
  const lengths = longestCommon(before, after)
  const lines: string[] = []
  let [at, other] = [0, 0]
  while (at < before.length || other < after.length) {
    if (at < before.length && before[at] === after[other]) {
      lines.push(`    ${before[at]}`)
      at += 1
      other += 1
    } else if (at < before.length && lengthAt(lengths, at + 1, other) >= lengthAt(lengths, at, other + 1)) {
      lines.push(`  - ${before[at]}`)
      at += 1
    } else if (other < after.length) {
      lines.push(`  + ${after[other]}`)
      other += 1
    } else {
      lines.push(`  - ${before[at]}`)
      at += 1
    }
  }
  return lines
}

/** By dynamic programming: of what is left of both, how many lines can be kept. */
function longestCommon(before: readonly string[], after: readonly string[]): number[][] {
  const lengths = Array.from({ length: before.length + 1 }, () => new Array<number>(after.length + 1).fill(0))
  for (let at = before.length - 1; at >= 0; at -= 1) {
    const row = lengths[at] as number[]
    for (let other = after.length - 1; other >= 0; other -= 1) {
      row[other] =
        before[at] === after[other]
          ? lengthAt(lengths, at + 1, other + 1) + 1
          : Math.max(lengthAt(lengths, at + 1, other), lengthAt(lengths, at, other + 1))
    }
  }
  return lengths
}

function lengthAt(lengths: readonly (readonly number[])[], at: number, other: number): number {
  return lengths[at]?.[other] ?? 0
}
