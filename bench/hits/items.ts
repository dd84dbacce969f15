import { customerList } from '../crm.js'

/** What the apps are asked for, by size: about 600 bytes and about 12 kB of JSON. */
export type Size = '600' | '12k'

/** Rows as a query gives them, without anything that JSON would have to convert. */
export type Rows = object

export const SIZES: readonly Size[] = ['600', '12k']
export const JSON_TYPE = 'application/json; charset=utf-8'
/** So that nothing expires while it is measured. */
export const TTL_SECONDS = 3_600

const CUSTOMERS: Readonly<Record<Size, number>> = { '600': 4, '12k': 80 }
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

function plain(rows: object): Rows {
  return JSON.parse(JSON.stringify(rows))
}
