import { gather } from '../../monitoring/gathering.js'
import { reasonOf } from '../../tools/reason-of.js'
import type { Command, Invocation } from '../command.js'
import { EXIT } from '../exit-codes.js'
import { countOf, durationOf, JSON_OPTION, REDIS_OPTIONS } from '../redis-options.js'
import { openSession, type RedisSession } from '../redis-session.js'
import { frameLines, type Look, lineOf, nextOrder, type Order } from '../top/frame.js'
import { RateTracker } from '../top/rates.js'
import { Screen } from '../top/screen.js'

const EVERY = '1s'
/** Processes learn within a second that somebody looks, and begin to tell. */
const FIRST_WITHIN_MS = 2_500

export const top: Command = {
  name: 'top',
  summary: 'Watch what the cache does, live',
  usage: '[options]',
  positionals: { min: 0, max: 0 },
  options: {
    ...REDIS_OPTIONS,
    every: { type: 'string', value: '<time>', help: `How often to look; ${EVERY}` },
    count: {
      type: 'string',
      short: 'n',
      value: '<count>',
      help: 'End after so many looks; without it, when you end it',
    },
    ...JSON_OPTION,
  },
  details: [
    'On a terminal it shows each rule with its requests a second, hit rate, milliseconds of hits and loads, and what it has stored; s sorts by something else, q quits. In a pipe it prints a line each time, with --json one object with all rules.',
    'All processes that share the cache tell of themselves while somebody looks, and cost nothing while nobody does.',
  ],
  examples: [
    { line: 'top --redis redis://localhost:6379 --prefix crm:', does: 'until q' },
    { line: 'top --count 60 | tee cache.log', does: 'a line a second, for a minute' },
    { line: 'top --json --every 10s | jq .all.requests', does: 'for programs' },
  ],
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const { options, terminal } = invocation
  const everyMs = durationOf('--every', options.text('every') ?? EVERY)
  const count = countOf('--count', options.text('count') ?? '0') || Number.POSITIVE_INFINITY
  const session = await openSession(invocation)
  const isScreen = terminal.isInteractive && !options.has('json')
  let order: Order = 'requests'
  let look: Look | undefined
  let isOver = false
  let wake = () => {}
  const screen = new Screen(terminal, (key) => {
    if (key === 's') order = nextOrder(order)
    if (key === 'q' || key === 'Q') isOver = true
    draw()
    if (isOver) wake()
  })
  const draw = () => {
    if (look && isScreen) {
      screen.draw(frameLines(look, order, screen.size, (style, text) => terminal.styled(style, text)))
    }
  }
  terminal.progress('Waiting for the processes …')
  const tracker = new RateTracker()
  tracker.note(await gather(session.store, { withinMs: FIRST_WITHIN_MS }))
  terminal.clearProgress()
  if (isScreen) screen.open()
  for (let shown = 0; shown < count && !isOver; shown += 1) {
    await new Promise<void>((resolve) => {
      wake = resolve
      setTimeout(resolve, everyMs)
    })
    if (isOver) break
    look = await lookAgain(session, tracker)
    if (isScreen) draw()
    else if (options.has('json')) terminal.print(JSON.stringify(look))
    else terminal.print(lineOf(look))
  }
  return EXIT.done
}

/** Where Redis does not answer, it says so, and goes on once Redis is back. */
async function lookAgain({ store, place }: RedisSession, tracker: RateTracker): Promise<Look> {
  const at = new Date()
  try {
    const [keys, reports] = await Promise.all([store.count(''), gather(store)])
    tracker.note(reports)
    return { at, place, processes: reports.length, keys, ...ratesOf(tracker), trouble: null }
  } catch (error) {
    return { at, place, processes: 0, keys: 0, ...ratesOf(tracker), trouble: reasonOf(error) }
  }
}

function ratesOf(tracker: RateTracker): Pick<Look, 'all' | 'rules'> {
  return { all: tracker.all(), rules: tracker.rules() }
}
