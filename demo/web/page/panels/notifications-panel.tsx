import type { Notification } from '../answers.js'
import { useCrm, useWords } from '../crm.js'
import { ActButton } from '../parts/act-button.js'
import { Panel } from '../parts/panel.js'
import { Rows } from '../parts/rows.js'
import { useAsked } from '../use-asked.js'

export function NotificationsPanel() {
  const { say, moment } = useWords()
  const { api, wrote } = useCrm()
  const title = say('notifications.title')
  const asked = useAsked<readonly Notification[]>(title, '/api/notifications/unread')
  return (
    <Panel name="notifications" title={title} asked={asked}>
      {(notifications) => (
        <Rows label={title} none={say('notifications.none')} rows={notifications}>
          {({ id, message, createdAt }) => (
            <>
              <span class="what">
                {message}
                <small>{moment(createdAt)}</small>
              </span>
              <ActButton
                label={say('notifications.read')}
                spoken={say('notifications.read.what', { message })}
                act={async () => {
                  await api.ask(`/api/notifications/${id}/read`, { method: 'POST' })
                  wrote(say('notifications.done'))
                }}
              />
            </>
          )}
        </Rows>
      )}
    </Panel>
  )
}
