import { useState } from 'preact/hooks'
import type { Meeting } from '../answers.js'
import { useCrm, useWords } from '../crm.js'
import { Dialog } from '../parts/dialog.js'
import { Form } from '../parts/form.js'
import { Panel } from '../parts/panel.js'
import { Rows } from '../parts/rows.js'
import { useAsked } from '../use-asked.js'

export function MeetingsPanel() {
  const { say, moment } = useWords()
  const [isNew, setIsNew] = useState(false)
  const title = say('meetings.title')
  const asked = useAsked<readonly Meeting[]>(title, '/api/meetings/upcoming')
  return (
    <>
      <Panel
        {...{ name: 'meetings', title, asked }}
        controls={
          <button type="button" onClick={() => setIsNew(true)}>
            {say('meetings.new')}
          </button>
        }
      >
        {(meetings) => (
          <Rows label={title} none={say('meetings.none')} rows={meetings}>
            {({ title, scheduledAt }) => (
              <span class="what">
                {title}
                <small>{moment(scheduledAt)}</small>
              </span>
            )}
          </Rows>
        )}
      </Panel>
      {isNew && <NewMeeting onClose={() => setIsNew(false)} />}
    </>
  )
}

function NewMeeting({ onClose }: { onClose: () => void }) {
  const { say } = useWords()
  const { api, wrote } = useCrm()
  return (
    <Dialog title={say('meetings.new')} onClose={onClose}>
      <Form
        fields={[
          { name: 'title', label: say('meetings.what') },
          { name: 'scheduledAt', label: say('meetings.when'), type: 'datetime-local' },
        ]}
        onSave={async ({ title, scheduledAt = '' }) => {
          const body = { title, scheduledAt: inThisZone(scheduledAt) }
          await api.ask('/api/meetings', { method: 'POST', body })
          onClose()
          wrote(say('meetings.created'))
        }}
      />
    </Dialog>
  )
}

/** A field of a form knows no time zone, and the API wants one. What is no time is for the API to object to. */
function inThisZone(local: string): string {
  const time = new Date(local)
  return Number.isNaN(time.getTime()) ? local : time.toISOString()
}
