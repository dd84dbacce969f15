import { useWords } from '../crm.js'

export interface Bar {
  readonly name: string
  readonly value: number
}

interface BarChartProps {
  readonly caption: string
  readonly heads: readonly [string, string]
  readonly bars: readonly Bar[]
}

/** A table whose middle column is drawn: who does not see the bars reads the numbers. */
export function BarChart({ caption, heads: [nameHead, valueHead], bars }: BarChartProps) {
  const { say, number } = useWords()
  if (bars.length === 0) return <p class="quiet">{say('reports.none')}</p>
  const most = Math.max(1, ...bars.map(({ value }) => value))
  return (
    <table class="chart">
      <caption>{caption}</caption>
      <thead class="unseen">
        <tr>
          <th scope="col">{nameHead}</th>
          <td />
          <th scope="col">{valueHead}</th>
        </tr>
      </thead>
      <tbody>
        {bars.map(({ name, value }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td aria-hidden="true">
              <svg viewBox="0 0 100 10" preserveAspectRatio="none" focusable="false" aria-hidden="true">
                <rect width={Math.max(0.5, (value / most) * 100)} height="10" />
              </svg>
            </td>
            <td class="value">{number(value)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
