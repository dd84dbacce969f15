import { useState } from 'preact/hooks'
import type { Approval, ApprovalStep } from '../answers.js'
import { useCrm, useWords } from '../crm.js'
import { ActButton } from '../parts/act-button.js'
import { CacheNote } from '../parts/cache-note.js'
import { Dialog } from '../parts/dialog.js'
import { Panel } from '../parts/panel.js'
import { Problem } from '../parts/problem.js'
import { Rows } from '../parts/rows.js'
import { useAsked } from '../use-asked.js'

export function ApprovalsPanel() {
  const { say } = useWords()
  const [shown, setShown] = useState<Approval | null>(null)
  const title = say('approvals.title')
  const asked = useAsked<readonly Approval[]>(title, '/api/approvals/pending')
  return (
    <>
      <Panel {...{ name: 'approvals', title, asked }}>
        {(approvals) => (
          <Rows label={title} none={say('approvals.none')} rows={approvals}>
            {(approval) => <ApprovalRow approval={approval} onHistory={() => setShown(approval)} />}
          </Rows>
        )}
      </Panel>
      {shown && <History approval={shown} onClose={() => setShown(null)} />}
    </>
  )
}

function ApprovalRow({ approval, onHistory }: { approval: Approval; onHistory: () => void }) {
  const { say, day } = useWords()
  const { opportunityId: id, requesterId, createdAt } = approval
  return (
    <>
      <span class="what">
        {say('approvals.one', { id })}
        <small>{say('approvals.requested', { person: requesterId, date: day(createdAt) })}</small>
      </span>
      <span class="acts">
        <Decide {...{ approval, decision: 'approve', done: 'approvals.approved' }} />
        <Decide {...{ approval, decision: 'reject', done: 'approvals.rejected' }} />
        <button
          {...{ type: 'button', class: 'small' }}
          onClick={onHistory}
          aria-label={say('approvals.history.what', { id })}
        >
          {say('approvals.history')}
        </button>
      </span>
    </>
  )
}

interface Decision {
  readonly approval: Approval
  readonly decision: 'approve' | 'reject'
  readonly done: 'approvals.approved' | 'approvals.rejected'
}

function Decide({ approval: { id, opportunityId }, decision, done }: Decision) {
  const { say } = useWords()
  const { api, wrote } = useCrm()
  return (
    <ActButton
      label={say(`approvals.${decision}`)}
      spoken={say(`approvals.${decision}.what`, { id: opportunityId })}
      act={async () => {
        await api.ask(`/api/approvals/${id}/${decision}`, { method: 'POST' })
        wrote(say(done, { id: opportunityId }))
      }}
    />
  )
}

function History({ approval: { id, opportunityId }, onClose }: { approval: Approval; onClose: () => void }) {
  const { say, moment } = useWords()
  const title = say('approvals.history.what', { id: opportunityId })
  const asked = useAsked<readonly ApprovalStep[]>(title, `/api/approvals/${id}/history`)
  return (
    <Dialog title={title} onClose={onClose}>
      <CacheNote what={title} asked={asked} />
      {asked.problem && <Problem problem={asked.problem} />}
      <ol>
        {asked.data?.map(({ id, action, userId, createdAt }) => (
          <li key={id}>
            {say('approvals.by', {
              action: say(`approvals.${action}`),
              person: userId,
              date: moment(createdAt),
            })}
          </li>
        ))}
      </ol>
    </Dialog>
  )
}
