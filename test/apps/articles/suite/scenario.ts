import type { Write } from '../evictions.js'
import type { Reader } from './reads.js'

/** What is answered has any shape; a part that is not there is a failed test. */
type Part = (body: ReturnType<typeof JSON.parse>) => unknown

/** A part of a read's answer, and what it is before the write and after it. */
interface Change {
  readonly read: Reader
  readonly part: Part
  readonly before: unknown
  readonly after: unknown
}

/** One write, from the first rows on. */
export interface Scenario {
  readonly write: Write
  /** The number of who writes: 1 is ada, 2 bob, 3 cleo, 4 dan. */
  readonly by: number
  readonly path: string
  readonly body?: unknown
  readonly status?: number
  readonly answers?: object
  readonly changes: readonly Change[]
}

export function change(by: number, path: string, part: Part, before: unknown, after: unknown): Change {
  return { read: { by, path }, part, before, after }
}

/** What a write leaves as it is. */
export function same(by: number, path: string, part: Part, value: unknown): Change {
  return change(by, path, part, value, value)
}

export const whole: Part = (body) => body
export const size: Part = (body) => body.length
export const slugs: Part = (body) => body.map(({ slug }: { slug: string }) => slug)
export const names: Part = (body) => body.map((row: { name: string } | null) => row?.name ?? null)
