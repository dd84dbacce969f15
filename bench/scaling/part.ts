import type { BenchResult } from '../pictures/write-result.js'

/** What one part of the bench has shown. */
export type Part = Pick<BenchResult, 'title' | 'tables' | 'pictures'>
