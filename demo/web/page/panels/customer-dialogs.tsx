import { useState } from 'preact/hooks'
import type { Customer } from '../answers.js'
import { useCrm, useWords } from '../crm.js'
import { ActButton } from '../parts/act-button.js'
import { CacheNote } from '../parts/cache-note.js'
import { Dialog } from '../parts/dialog.js'
import { type Field, Form } from '../parts/form.js'
import { Problem } from '../parts/problem.js'
import { useAsked } from '../use-asked.js'

/** Those of the seeded customers; any other text is one as well. */
export const INDUSTRIES = ['software', 'energy', 'finance', 'health', 'logistics', 'retail', 'unknown']

export function NewCustomer({ onClose }: { onClose: () => void }) {
  const { say } = useWords()
  const { api, wrote } = useCrm()
  const fields = useFields()
  return (
    <Dialog title={say('customers.new')} onClose={onClose}>
      <Form
        fields={fields()}
        onSave={async (body) => {
          const { data } = await api.ask<Customer>('/api/customers', { method: 'POST', body })
          onClose()
          wrote(say('customers.created', { name: data.name }))
        }}
      />
    </Dialog>
  )
}

export function ExistingCustomer({ id, onClose }: { id: number; onClose: () => void }) {
  const { say } = useWords()
  const title = say('customers.one', { id })
  const asked = useAsked<Customer>(title, `/api/customers/${id}`)
  return (
    <Dialog title={title} onClose={onClose}>
      <CacheNote what={title} asked={asked} />
      {asked.problem && <Problem problem={asked.problem} />}
      {asked.data && <CustomerForm key={asked.data.id} customer={asked.data} onClose={onClose} />}
    </Dialog>
  )
}

function CustomerForm({ customer, onClose }: { customer: Customer; onClose: () => void }) {
  const { say } = useWords()
  const { api, wrote } = useCrm()
  const fields = useFields()
  const [isSure, setIsSure] = useState(false)
  const { id, name } = customer
  const path = `/api/customers/${id}`

  return (
    <Form
      fields={fields(customer)}
      onSave={async (body) => {
        const { data } = await api.ask<Customer>(path, { method: 'PUT', body })
        onClose()
        wrote(say('customers.updated', { name: data.name }))
      }}
    >
      {isSure ? (
        <ActButton
          class="danger"
          label={say('customers.delete.sure', { name })}
          spoken={say('customers.delete.sure', { name })}
          act={async () => {
            await api.ask(path, { method: 'DELETE' })
            onClose()
            wrote(say('customers.deleted', { name }))
          }}
        />
      ) : (
        <button type="button" class="danger" onClick={() => setIsSure(true)}>
          {say('customers.delete')}
        </button>
      )}
    </Form>
  )
}

function useFields(): (customer?: Customer) => readonly Field[] {
  const { say } = useWords()
  return (customer) => [
    { name: 'name', label: say('customers.name'), value: customer?.name ?? '' },
    { name: 'email', label: say('customers.email'), type: 'email', value: customer?.email ?? '' },
    {
      name: 'industry',
      label: say('customers.industry'),
      value: customer?.industry ?? '',
      suggestions: INDUSTRIES,
    },
  ]
}
