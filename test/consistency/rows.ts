import { withVariant } from '#src/keys/render.js'
import type { Random } from './random.js'

/** Rows that all processes write at any time. Few, so that they get in each other's way. */
export const SHARED_ROWS = ['customer:1', 'customer:2', 'customer:3', 'task:1', 'task:2', 'task:3'] as const

/** The row that only the process in this place writes, one write after the other. */
export function ownRow(place: number): string {
  return `setting:${place}`
}

/** All rows of a race between so many processes. */
export function rowsOf(processes: number): readonly string[] {
  return [...SHARED_ROWS, ...Array.from({ length: processes }, (_, place) => ownRow(place))]
}

/** One of the keys under which a row is cached: its own or one with a variant (see `vary`). */
export function keyOf(row: string, random: Random): string {
  return random.chance(0.75) ? row : withVariant(row, new Map([['accept-language', 'de']]))
}

/** What an entry of a row carries. */
export function tagsOf(row: string): readonly string[] {
  return ['all', `row:${row}`]
}

/** What is cached. It says for which key it was made, so that another key's value is seen to be that. */
export interface CachedRow {
  readonly key: string
  readonly version: number
}

export function encodeRow(row: CachedRow): Buffer {
  return Buffer.from(JSON.stringify(row))
}

export function decodeRow(value: Buffer): CachedRow {
  return JSON.parse(value.toString())
}
