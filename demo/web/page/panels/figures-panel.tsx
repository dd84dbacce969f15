import type { Figures } from '../answers.js'
import { useWords } from '../crm.js'
import { Panel } from '../parts/panel.js'
import { useAsked } from '../use-asked.js'

const SHOWN = [
  'totalCustomers',
  'activeTasks',
  'completedTasks',
  'upcomingMeetings',
  'pendingApprovals',
  'monthlyRevenue',
] as const

export function FiguresPanel() {
  const { say, number, moment } = useWords()
  const title = say('dashboard.title')
  const asked = useAsked<Figures>(title, '/api/analytics/dashboard')
  return (
    <Panel name="figures" title={title} asked={asked}>
      {(figures) => (
        <>
          <dl class="numbers">
            {SHOWN.map((name) => (
              <div key={name}>
                <dt>{say(`dashboard.${name}`)}</dt>
                <dd>{number(figures[name])}</dd>
              </div>
            ))}
          </dl>
          <p class="quiet">{say('dashboard.at', { time: moment(figures.generatedAt) })}</p>
        </>
      )}
    </Panel>
  )
}
