import { NotFoundError } from 'routing-controllers'
import { InvalidInput } from '../http/invalid-input.js'
import { Prisma } from '../prisma/generated/client.js'

/** Whether a write failed because another row has the same value in a unique column. */
export function isDuplicate(error: unknown): boolean {
  return hasCode(error, 'P2002')
}

/** The row, or a 404 in words. */
export function found<Row>(row: Row | null, what: string): Row {
  if (row === null) throw new NotFoundError(`There is no such ${what}`)
  return row
}

/** For `update` and `delete`, which fail when there is no such row: turns that into a 404. */
export async function foundByWrite<Row>(write: Promise<Row>, what: string): Promise<Row> {
  try {
    return await write
  } catch (error) {
    throw hasCode(error, 'P2025') ? new NotFoundError(`There is no such ${what}`) : error
  }
}

/** Objects to an id in a body that stands for nothing. */
export async function requireReference(field: string, row: Promise<object | null>): Promise<void> {
  if ((await row) === null) throw InvalidInput.of(field, 'stands for nothing that exists')
}

/** What the database said, on one line: Prisma's messages have many, and the reason comes last. */
export function reasonOf(error: unknown): string {
  const lastLine = (error instanceof Error ? error.message : String(error)).trimEnd().split('\n').at(-1) ?? ''
  return /Message: `(.+)`$/.exec(lastLine)?.[1] ?? lastLine
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === code
}
