import { useId, useState } from 'preact/hooks'
import type { Task } from '../answers.js'
import { useCrm, useWords } from '../crm.js'
import { ActButton } from '../parts/act-button.js'
import { Dialog } from '../parts/dialog.js'
import { Form } from '../parts/form.js'
import { Panel } from '../parts/panel.js'
import { Rows } from '../parts/rows.js'
import { useAsked } from '../use-asked.js'

const LISTS = ['PENDING', 'COMPLETED', 'all', 'overdue'] as const
type List = (typeof LISTS)[number]

/** One's own tasks by status, or those of the team that are late. */
export function TasksPanel() {
  const { say } = useWords()
  const [list, setList] = useState<List>('PENDING')
  const [isNew, setIsNew] = useState(false)
  const title = say('tasks.title')
  const path = list === 'overdue' ? '/api/tasks/overdue' : `/api/tasks?status=${list}`
  const asked = useAsked<readonly Task[]>(title, path)
  return (
    <>
      <Panel
        {...{ name: 'tasks', title, asked }}
        controls={
          <>
            <ListChoice list={list} onChoose={setList} />
            <button type="button" onClick={() => setIsNew(true)}>
              {say('tasks.new')}
            </button>
          </>
        }
      >
        {(tasks) => (
          <Rows label={title} none={say('tasks.none')} rows={tasks}>
            {(task) => <TaskRow task={task} />}
          </Rows>
        )}
      </Panel>
      {isNew && <NewTask onClose={() => setIsNew(false)} />}
    </>
  )
}

function ListChoice({ list, onChoose }: { list: List; onChoose: (list: List) => void }) {
  const { say } = useWords()
  const id = useId()
  return (
    <span class="choice">
      <label for={id}>{say('tasks.which')}</label>
      <select id={id} value={list} onChange={({ currentTarget }) => onChoose(currentTarget.value as List)}>
        {LISTS.map((name) => (
          <option key={name} value={name}>
            {say(`tasks.${name}`)}
          </option>
        ))}
      </select>
    </span>
  )
}

function TaskRow({ task }: { task: Task }) {
  const { say, day } = useWords()
  const { api, user, wrote } = useCrm()
  const { id, title, status, dueDate, completedAt } = task
  const isLate = status === 'PENDING' && Date.parse(dueDate) < Date.now()
  const mayComplete = status === 'PENDING' && (task.userId === user.id || user.role === 'admin')
  return (
    <>
      <span class="what">
        {title}
        <small class={isLate ? 'late' : ''}>
          {completedAt
            ? say('tasks.doneOn', { date: day(completedAt) })
            : say('tasks.dueOn', { date: day(dueDate) })}
        </small>
      </span>
      {mayComplete && (
        <ActButton
          label={say('tasks.complete')}
          spoken={say('tasks.complete.what', { title })}
          act={async () => {
            await api.ask(`/api/tasks/${id}/complete`, { method: 'POST' })
            wrote(say('tasks.completed'))
          }}
        />
      )}
    </>
  )
}

function NewTask({ onClose }: { onClose: () => void }) {
  const { say } = useWords()
  const { api, wrote } = useCrm()
  return (
    <Dialog title={say('tasks.new')} onClose={onClose}>
      <Form
        fields={[
          { name: 'title', label: say('tasks.what') },
          { name: 'dueDate', label: say('tasks.due'), type: 'date' },
        ]}
        onSave={async (body) => {
          await api.ask('/api/tasks', { method: 'POST', body })
          onClose()
          wrote(say('tasks.created'))
        }}
      />
    </Dialog>
  )
}
