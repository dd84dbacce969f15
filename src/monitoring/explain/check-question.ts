import { wrongOption } from '../../tools/check-values.js'
import type { ExplainQuestion } from '../reports.js'

const WHERE = 'cache.explain'
const MEND = `Write cache.explain({ method: 'GET', url: '/customers/42?page=1' }).`

/** @throws CacheError `E_CACHE_OPTION` for what is no question. */
export function checkQuestion(question: unknown): asserts question is ExplainQuestion {
  const { method, url, headers = {} } = Object(question) as Record<string, unknown>
  if (typeof method !== 'string' || !/^[A-Za-z]+$/.test(method)) {
    throw wrongOption(WHERE, 'the question has no method', MEND)
  }
  if (typeof url !== 'string' || url === '' || /[\s#]/.test(url) || /^[a-z]+:\/\//i.test(url)) {
    throw wrongOption(WHERE, 'the url is no path with a query', MEND)
  }
  const isTexts =
    typeof headers === 'object' &&
    headers !== null &&
    !Array.isArray(headers) &&
    Object.values(headers).every((value) => typeof value === 'string')
  if (!isTexts) throw wrongOption(WHERE, 'the headers are no object of texts', MEND)
}
