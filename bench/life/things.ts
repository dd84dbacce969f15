import { Random } from '../../test/consistency/random.js'
import { customer } from '../crm.js'

/** What the apps are asked for: things, and lists of the things of a group, each in five orders. */
export const THINGS = 90_000
export const GROUPS = 2_000
const ORDERS = ['name', 'newest', 'oldest', 'price', 'rating']
export const KEYS = THINGS + GROUPS * ORDERS.length

/** An answer, before it is JSON; the version comes first, so that the driver need not read on. */
export interface Value {
  readonly version: number
  readonly id: number
  readonly rows: readonly object[]
}

/** Medians of both the things and the lists; the mean is about 4.6 kB. */
const SIZE = { medianBytes: 3_000, sigma: 1, leastBytes: 300, mostBytes: 50_000 }
const HEAD_BYTES = 33
const ROW_BYTES = 207

/** Which group's lists show a thing. */
export function groupOf(thing: number): number {
  return thing % GROUPS
}

export function isThing(key: number): boolean {
  return key < THINGS
}

export function listOf(group: number, order: string): number {
  return THINGS + group * ORDERS.length + ORDERS.indexOf(order)
}

/** Of a list; of a thing, that of the lists that show it. */
export function groupOfKey(key: number): number {
  return isThing(key) ? groupOf(key) : Math.floor((key - THINGS) / ORDERS.length)
}

export function pathOf(key: number): string {
  if (isThing(key)) return `/things/${key}`
  return `/groups/${groupOfKey(key)}/things?order=${ORDERS[(key - THINGS) % ORDERS.length]}`
}

/** What caches know it by. */
export function nameOf(key: number): string {
  if (isThing(key)) return `thing:${key}`
  return `group:${groupOfKey(key)}:list:${ORDERS[(key - THINGS) % ORDERS.length]}`
}

/** All that shows a thing: itself and the lists of its group. */
export function shownIn(thing: number): number[] {
  return [thing, ...ORDERS.map((order) => listOf(groupOf(thing), order))]
}

/** Always the same rows for a key, so that all set-ups have the same bytes to keep. */
export function valueFor(key: number, version: number): Value {
  const random = new Random(key)
  const rows = Array.from({ length: rowsOf(random) }, () => ({
    ...customer(random.below(1_000_000)),
    amount: random.below(10_000_000) / 100,
    reference: random.below(2 ** 32).toString(36) + random.below(2 ** 32).toString(36),
  }))
  return { version, id: key, rows }
}

/** About how many bytes its JSON has. */
export function bytesOf(key: number): number {
  return HEAD_BYTES + rowsOf(new Random(key)) * ROW_BYTES
}

/** Log-normal, clipped; it takes the first two numbers of the key's own randomness. */
function rowsOf(random: Random): number {
  const { medianBytes, sigma, leastBytes, mostBytes } = SIZE
  const bytes = Math.min(mostBytes, Math.max(leastBytes, medianBytes * Math.exp(sigma * normal(random))))
  return Math.ceil((bytes - HEAD_BYTES) / ROW_BYTES)
}

/** Mean 0, deviation 1 (Box and Muller, 1958). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
}
