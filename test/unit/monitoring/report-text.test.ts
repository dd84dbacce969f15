import { expect } from 'chai'
import { reportIn, reportText, valueIn } from '#src/monitoring/report-text.js'
import { MOST_REPORT_BYTES } from '#src/stores/gathering.js'
import { processReport } from '../../support/process-report.js'

describe('The text of a report', () => {
  const REPORT = processReport('one')
  const [event] = REPORT.events
  const [point] = REPORT.history
  const [rule] = REPORT.rules
  if (!event || !point || !rule) throw new Error('the report for tests has something of everything')
  const many = <T>(one: T, count: number): T[] => Array.from({ length: count }, () => one)
  const readBack = (report: typeof REPORT) => {
    const text = reportText(report)
    expect(Buffer.byteLength(text ?? '')).to.be.at.most(MOST_REPORT_BYTES)
    return reportIn(text)
  }

  it('says what the report says', () => {
    expect(readBack(REPORT)).to.deep.equal(REPORT)
  })

  it('goes without the events where it is too large, then without the history, then without all but the sums', () => {
    const large = { ...event, text: 'ü'.repeat(1_000) }
    const events = many(large, 300)
    expect(readBack({ ...REPORT, events })).to.deep.equal({ ...REPORT, events: [] })
    const history = many(point, 5_000)
    expect(readBack({ ...REPORT, events, history })).to.deep.equal({ ...REPORT, events: [], history: [] })
    const rules = many(rule, 5_000)
    const nothing = { events: [], history: [], rules: [], writes: [] }
    expect(readBack({ ...REPORT, events, history, rules })).to.deep.equal({ ...REPORT, ...nothing })
    expect(reportText({ ...REPORT, name: 'x'.repeat(MOST_REPORT_BYTES) })).to.equal(null)
  })

  it('keeps what a newer version adds', () => {
    const newer = { ...REPORT, more: { than: 'we know' } }
    expect(reportIn(JSON.stringify(newer))).to.deep.equal(newer)
  })

  it('is no report without any one of its fields, or with another kind of value in it', () => {
    const wrong = [...spoilt(REPORT)]
    expect(wrong).to.have.length.greaterThan(100)
    for (const [path, report] of wrong) expect(reportIn(JSON.stringify(report)), path).to.equal(null)
  })

  it('is no report where it is garbage', () => {
    for (const text of [
      '',
      '{',
      'null',
      '1',
      '"x"',
      '[]',
      '{}',
      '{"id":"x"}',
      '\0',
      JSON.stringify([REPORT]),
    ]) {
      expect(reportIn(text), text).to.equal(null)
    }
    expect(reportIn(null)).to.equal(null)
    expect(valueIn('{')).to.equal(undefined)
  })
})

const OPTIONAL = ['targets', 'removed', 'ms']

/** Of a value, each that lacks one field, or has an object of nothing in its place. */
function* spoilt(value: unknown): Generator<[path: string, spoilt: unknown]> {
  if (typeof value !== 'object' || value === null) return
  for (const [field, inner] of Object.entries(value)) {
    const put = (other: unknown) =>
      Array.isArray(value) ? value.with(Number(field), other) : { ...value, [field]: other }
    yield [`${field} of another kind`, put({ of: 'nothing' })]
    if (!Array.isArray(value) && !OPTIONAL.includes(field)) yield [`no ${field}`, put(undefined)]
    for (const [path, other] of spoilt(inner)) yield [`${field}.${path}`, put(other)]
  }
}
