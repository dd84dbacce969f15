import { isRefusalCode } from '../tracker/is-refusal-code.js'

/** Whether the database has said no, and not the way to it. Adapters keep PostgreSQL's own code in the error's cause. */
export function isRefusal(error: unknown): boolean {
  const { cause } = Object(error)
  const { originalCode, code } = Object(cause)
  return isRefusalCode(originalCode ?? code)
}
