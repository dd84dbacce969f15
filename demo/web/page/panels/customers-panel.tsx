import { useEffect, useId, useState } from 'preact/hooks'
import type { CustomerPage } from '../answers.js'
import { useWords } from '../crm.js'
import { Panel } from '../parts/panel.js'
import { useAsked } from '../use-asked.js'
import { ExistingCustomer, INDUSTRIES, NewCustomer } from './customer-dialogs.js'

const LIMIT = 10

/** Newest first, in pages, of one industry or of all. */
export function CustomersPanel() {
  const { say } = useWords()
  const [page, setPage] = useState(1)
  const [industry, setIndustry] = useState('all')
  const [opened, setOpened] = useState<number | 'new' | null>(null)
  const title = say('customers.title')
  const query = new URLSearchParams({ page: String(page), limit: String(LIMIT), industry })
  const asked = useAsked<CustomerPage>(title, `/api/customers?${query}`)
  const totalPages = asked.data?.pagination.totalPages

  // Where the last customer of the last page was deleted, that page is not there any more.
  useEffect(() => {
    if (totalPages !== undefined && page > Math.max(1, totalPages)) setPage(Math.max(1, totalPages))
  }, [totalPages, page])

  function choose(chosen: string) {
    setIndustry(chosen)
    setPage(1)
  }

  const close = () => setOpened(null)
  return (
    <>
      <Panel
        {...{ name: 'customers', title, asked }}
        controls={
          <>
            <IndustryFilter industry={industry} onChoose={choose} />
            <button type="button" onClick={() => setOpened('new')}>
              {say('customers.new')}
            </button>
          </>
        }
      >
        {(data) => (
          <>
            <CustomerTable {...data} onOpen={setOpened} />
            <Pager {...data.pagination} onTurn={setPage} />
          </>
        )}
      </Panel>
      {opened === 'new' && <NewCustomer onClose={close} />}
      {typeof opened === 'number' && <ExistingCustomer id={opened} onClose={close} />}
    </>
  )
}

function IndustryFilter({ industry, onChoose }: { industry: string; onChoose: (industry: string) => void }) {
  const { say } = useWords()
  const id = useId()
  return (
    <span class="choice">
      <label for={id}>{say('customers.industry')}</label>
      <select id={id} value={industry} onChange={({ currentTarget }) => onChoose(currentTarget.value)}>
        <option value="all">{say('customers.all')}</option>
        {INDUSTRIES.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </span>
  )
}

function CustomerTable({
  customers,
  onOpen,
}: Pick<CustomerPage, 'customers'> & { onOpen: (id: number) => void }) {
  const { say } = useWords()
  if (customers.length === 0) return <p class="quiet">{say('customers.none')}</p>
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{say('customers.name')}</th>
          <th scope="col" class="wide">
            {say('customers.email')}
          </th>
          <th scope="col">{say('customers.industry')}</th>
        </tr>
      </thead>
      <tbody>
        {customers.map(({ id, name, email, industry }) => (
          <tr key={id}>
            <td>
              <button
                {...{ type: 'button', class: 'link' }}
                onClick={() => onOpen(id)}
                aria-label={say('customers.edit', { name })}
              >
                {name}
              </button>
            </td>
            <td class="wide">{email}</td>
            <td>{industry}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Pager({
  page,
  total,
  totalPages,
  onTurn,
}: CustomerPage['pagination'] & { onTurn: (page: number) => void }) {
  const { say, number } = useWords()
  return (
    <p class="pager">
      <button type="button" class="small" disabled={page <= 1} onClick={() => onTurn(page - 1)}>
        {say('customers.previous')}
      </button>
      <span>{say('customers.page', { page, pages: number(totalPages), total: number(total) })}</span>
      <button type="button" class="small" disabled={page >= totalPages} onClick={() => onTurn(page + 1)}>
        {say('customers.next')}
      </button>
    </p>
  )
}
