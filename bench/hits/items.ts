import { customerList } from '../crm.js'

/** How many customers make so much JSON. */
const CUSTOMERS = { '300': 2, '600': 4, '3k': 20, '12k': 80, '50k': 335, '200k': 1_340 } as const

/** What the apps are asked for, by size: about so many bytes or kB of JSON. */
export type Size = keyof typeof CUSTOMERS

/** Rows as a query gives them, without anything that JSON would have to convert. */
export type Rows = object

export const SIZES = Object.keys(CUSTOMERS) as readonly Size[]
export const USUAL_SIZES: readonly Size[] = ['600', '12k']
export const JSON_TYPE = 'application/json; charset=utf-8'
/** So that nothing expires while it is measured. */
export const TTL_SECONDS = 3_600

/** See `TEXT_BYTES` in src/http/sent-bodies.ts. */
const QUICK_TEXT_BYTES = 6_000

const ROWS = new Map(SIZES.map((size) => [size, plain(customerList(1, CUSTOMERS[size], 'all'))]))

export function rowsOf(size: Size): Rows {
  return ROWS.get(size) as Rows
}

export function textOf(size: Size): string {
  return JSON.stringify(rowsOf(size))
}

export function pathOf(size: Size): string {
  return `/item/${size}`
}

/** A body as Node sends it fastest: a short one as a text (Latin-1), which leaves in one piece with its head. */
export function quickBody(body: Buffer): Buffer | string {
  return body.length > QUICK_TEXT_BYTES ? body : body.toString('latin1')
}

/** For people. */
export function nameOf(size: Size): string {
  return size.endsWith('k') ? `${size.slice(0, -1)} kB` : `${size} bytes`
}

function plain(rows: object): Rows {
  return JSON.parse(JSON.stringify(rows))
}

/** What the head of a hit says beside what every answer of Express says. */
export function headOfHit(body: Buffer): Readonly<Record<string, string>> {
  return {
    'X-Cache': 'HIT',
    'Cache-Status': 'express-cacheable;hit;ttl=3592',
    'Content-Type': JSON_TYPE,
    ETag: 'W/"29b-0123456789abcdefghijklmnopq"',
    Age: '7',
    'Content-Length': String(body.length),
  }
}
