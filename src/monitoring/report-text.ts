import * as v from 'valibot'
import { MOST_REPORT_BYTES } from '../stores/gathering.js'
import { REPORT } from './report-schema.js'
import type { ProcessReport } from './reports.js'

/** What a report goes without where it is too large, one after the other: at last it says that the process is there. */
const CUTS: readonly Partial<ProcessReport>[] = [
  {},
  { events: [] },
  { events: [], history: [] },
  { events: [], history: [], rules: [], writes: [] },
]

/** A report as it goes to others; `null`, if it is too large whatever is left out. */
export function reportText(report: ProcessReport): string | null {
  for (const cut of CUTS) {
    const text = JSON.stringify({ ...report, ...cut })
    if (Buffer.byteLength(text) <= MOST_REPORT_BYTES) return text
  }
  return null
}

/** A report that another process has sent; `null`, if it is none that this version can read. */
export function reportIn(text: string | null): ProcessReport | null {
  const { success, output } = v.safeParse(REPORT, valueIn(text))
  return success ? output : null
}

/** What a JSON text says; `undefined`, if it is none. */
export function valueIn(text: string | null): unknown {
  try {
    return text === null ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
