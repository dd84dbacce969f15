import { useState } from 'preact/hooks'
import type { DashboardRule, RulesAnswer } from '../../dashboard-api.js'
import { counted } from '../format.js'
import { Empty } from '../parts/empty.js'
import { FaultNote } from '../parts/fault-note.js'
import { FindField } from '../parts/find-field.js'
import { Scroller } from '../parts/scroller.js'
import { SortHead } from '../parts/sort-head.js'
import { useAnswer } from '../use-answer.js'
import { columnNamed, RULE_COLUMNS, sorted } from './rule-columns.js'
import { RuleDetails } from './rule-details.js'
import { RuleFlags } from './rule-flags.js'

const EVERY_MS = 2000

export function Rules({ params }: { readonly params: URLSearchParams }) {
  const { body, fault } = useAnswer<RulesAnswer>('api/rules', EVERY_MS)
  return (
    <>
      {fault && <FaultNote fault={fault} />}
      {!body && !fault && <p class="waiting">Waiting for the rules…</p>}
      {body?.rules.length === 0 && (
        <Empty title="No rule for reading is registered.">
          Put <code>@Cacheable</code> on a method, or <code>cache.cacheable('…')</code> in front of a handler,
          and register it with this cache.
        </Empty>
      )}
      {body && body.rules.length > 0 && <RuleTable rules={body.rules} asked={params.get('rule')} />}
    </>
  )
}

/** A controller that is mounted twice has two rules of one name. */
function idOf({ name, where, key }: DashboardRule): string {
  return `${name} ${where} ${key}`
}

function RuleTable({
  rules,
  asked,
}: {
  readonly rules: readonly DashboardRule[]
  /** The name of the rule that a link led to. */
  readonly asked: string | null
}) {
  const [order, setOrder] = useState({ column: 'requests', isDescending: true })
  const [text, setText] = useState(asked ?? '')
  const [open, setOpen] = useState<ReadonlySet<string>>(
    () => new Set(rules.filter(({ name }) => name === asked).map(idOf)),
  )
  const wanted = text.toLowerCase()
  const shown = rules.filter(({ name, where, key }) =>
    `${name} ${where} ${key}`.toLowerCase().includes(wanted),
  )
  const column = columnNamed(order.column)
  const toggle = (id: string) => {
    const next = new Set(open)
    if (!next.delete(id)) next.add(id)
    setOpen(next)
  }
  return (
    <>
      <div class="controls">
        <FindField text={text} placeholder="route, method or key" onText={setText} />
        <p class="muted" role="status">
          {counted(shown.length, 'rule')}
        </p>
      </div>
      {shown.length === 0 && <Empty title="No rule has this in its name.">Find something else.</Empty>}
      {shown.length > 0 && (
        <Scroller label="Rules">
          <table class="rules">
            <caption class="hidden">
              Rules for reading, with what they have done since their processes began
            </caption>
            <thead>
              <tr>
                <th scope="col">Rule</th>
                {RULE_COLUMNS.map(({ id, title }) => (
                  <SortHead
                    key={id}
                    title={title}
                    className={`number column-${id}`}
                    direction={
                      order.column === id ? (order.isDescending ? 'descending' : 'ascending') : 'none'
                    }
                    onSort={() =>
                      setOrder({ column: id, isDescending: order.column !== id || !order.isDescending })
                    }
                  />
                ))}
              </tr>
            </thead>
            {sorted(shown, column, order.isDescending).map((rule) => (
              <RuleRows
                key={idOf(rule)}
                rule={rule}
                isOpen={open.has(idOf(rule))}
                onToggle={() => toggle(idOf(rule))}
              />
            ))}
          </table>
        </Scroller>
      )}
    </>
  )
}

function RuleRows({
  rule,
  isOpen,
  onToggle,
}: {
  readonly rule: DashboardRule
  readonly isOpen: boolean
  readonly onToggle: () => void
}) {
  return (
    <tbody class={isOpen ? 'open' : ''}>
      <tr>
        <th scope="row">
          <button type="button" class="expand" aria-expanded={isOpen} onClick={onToggle}>
            {rule.name}
          </button>
          <span class="rule-key">
            <code>{rule.key}</code>
          </span>
          <RuleFlags rule={rule} />
        </th>
        {RULE_COLUMNS.map(({ id, cell }) => (
          <td key={id} class={`number column-${id}`}>
            {cell(rule)}
          </td>
        ))}
      </tr>
      {isOpen && (
        <tr class="details">
          <td colSpan={RULE_COLUMNS.length + 1}>
            <RuleDetails rule={rule} />
          </td>
        </tr>
      )}
    </tbody>
  )
}
