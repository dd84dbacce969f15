import { useId, useState } from 'preact/hooks'
import type { Report } from '../answers.js'
import { useWords } from '../crm.js'
import type { Words } from '../language.js'
import { type Bar, BarChart } from '../parts/bar-chart.js'
import { Panel } from '../parts/panel.js'
import { useAsked } from '../use-asked.js'

const TYPES = ['sales', 'customers', 'activities'] as const
type ReportType = (typeof TYPES)[number]

const DAY_MS = 86_400_000
const FIRST_DAYS = 90

export function ReportsPanel() {
  const words = useWords()
  const { say } = words
  const [type, setType] = useState<ReportType>('sales')
  const [startDate, setStartDate] = useState(() => dayBefore(FIRST_DAYS))
  const [endDate, setEndDate] = useState(() => dayBefore(0))
  const title = say('reports.title')
  const asked = useAsked<Report>(title, `/api/reports/${type}?${new URLSearchParams({ startDate, endDate })}`)
  return (
    <Panel
      {...{ name: 'reports', title, asked }}
      controls={
        <>
          <TypeChoice type={type} onChoose={setType} />
          <Day label={say('reports.from')} value={startDate} onChoose={setStartDate} />
          <Day label={say('reports.to')} value={endDate} onChoose={setEndDate} />
        </>
      }
    >
      {(report) => <BarChart caption={say(`reports.${report.type}`)} {...chartOf(report, words)} />}
    </Panel>
  )
}

function TypeChoice({ type, onChoose }: { type: ReportType; onChoose: (type: ReportType) => void }) {
  const { say } = useWords()
  const id = useId()
  return (
    <span class="choice">
      <label for={id}>{say('reports.type')}</label>
      <select
        id={id}
        value={type}
        onChange={({ currentTarget }) => onChoose(currentTarget.value as ReportType)}
      >
        {TYPES.map((name) => (
          <option key={name} value={name}>
            {say(`reports.${name}`)}
          </option>
        ))}
      </select>
    </span>
  )
}

function Day({ label, value, onChoose }: { label: string; value: string; onChoose: (day: string) => void }) {
  const id = useId()
  return (
    <span class="choice">
      <label for={id}>{label}</label>
      <input type="date" {...{ id, value }} onChange={({ currentTarget }) => onChoose(currentTarget.value)} />
    </span>
  )
}

interface Chart {
  /** What the names, and the numbers, are. */
  readonly heads: readonly [string, string]
  readonly bars: readonly Bar[]
}

function chartOf(report: Report, { say }: Words): Chart {
  if (report.type === 'sales') {
    return {
      heads: [say('reports.stage'), say('reports.amount')],
      bars: report.byStage.map(({ stage, amount }) => ({ name: stage, value: amount })),
    }
  }
  if (report.type === 'customers') {
    return {
      heads: [say('customers.industry'), say('reports.number')],
      bars: report.byIndustry.map(({ industry, customers }) => ({ name: industry, value: customers })),
    }
  }
  const names = ['tasksCreated', 'tasksCompleted', 'meetings'] as const
  return {
    heads: [say('reports.activity'), say('reports.number')],
    bars: names.map((name) => ({ name: say(`reports.${name}`), value: report[name] })),
  }
}

/** Days of the reports begin at midnight UTC. */
function dayBefore(days: number): string {
  return new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10)
}
