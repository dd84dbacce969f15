import { useState } from 'preact/hooks'
import type { ExplainQuestion, Explanation } from '../../../monitoring/reports.js'
import { type Fault, faultOf, postJson } from '../api.js'
import { Empty } from '../parts/empty.js'
import { FaultNote } from '../parts/fault-note.js'
import { Decision } from './decision.js'
import { EMPTY_QUESTION, METHODS, readQuestion, type WrittenQuestion } from './question.js'

type Outcome = { readonly explanations: readonly Explanation[] } | { readonly fault: Fault }

export function Why({ params }: { readonly params: URLSearchParams }) {
  const [written, setWritten] = useState<WrittenQuestion>({
    ...EMPTY_QUESTION,
    method: params.get('method') ?? 'GET',
    url: params.get('url') ?? '',
  })
  const [outcome, setOutcome] = useState<Outcome | null>(null)
  const [isAsking, setAsking] = useState(false)
  const ask = async () => {
    setAsking(true)
    try {
      const question: ExplainQuestion = readQuestion(written)
      setOutcome({ explanations: await postJson<readonly Explanation[]>('api/explain', question) })
    } catch (error) {
      setOutcome({ fault: faultOf(error) })
    }
    setAsking(false)
  }
  const change = (changes: Partial<WrittenQuestion>) => setWritten({ ...written, ...changes })
  return (
    <>
      <p class="lead">
        What would the cache do with a request, and why? Nothing is sent to your handlers, and nothing is
        stored.
      </p>
      <form
        class="panel question"
        onSubmit={(event) => {
          event.preventDefault()
          void ask()
        }}
      >
        <div class="controls">
          <label class="field">
            <span>Method</span>
            <select
              value={written.method}
              onChange={({ currentTarget }) => change({ method: currentTarget.value })}
            >
              {METHODS.map((method) => (
                <option key={method}>{method}</option>
              ))}
            </select>
          </label>
          <label class="field field-wide">
            <span>Path and query</span>
            <input
              class="code"
              required
              value={written.url}
              placeholder="/customers/42?include=tasks"
              autocomplete="off"
              spellcheck={false}
              onInput={({ currentTarget }) => change({ url: currentTarget.value })}
            />
          </label>
          <button type="submit" class="main" disabled={isAsking}>
            Ask
          </button>
        </div>
        <Who written={written} onChange={change} />
      </form>
      <p class="hidden" role="status">
        {outcome && 'explanations' in outcome && spoken(outcome.explanations)}
      </p>
      {outcome && 'fault' in outcome && <FaultNote fault={outcome.fault} />}
      {outcome && 'explanations' in outcome && <Decisions explanations={outcome.explanations} />}
    </>
  )
}

function Who({
  written,
  onChange,
}: {
  readonly written: WrittenQuestion
  readonly onChange: (changes: Partial<WrittenQuestion>) => void
}) {
  return (
    <details>
      <summary>Headers and who is signed in</summary>
      <div class="controls">
        <label class="field field-wide">
          <span>Headers, a line each</span>
          <textarea
            class="code"
            rows={4}
            spellcheck={false}
            value={written.headers}
            placeholder={'Accept-Language: ja\nCache-Control: no-cache'}
            onInput={({ currentTarget }) => onChange({ headers: currentTarget.value })}
          />
        </label>
        <label class="field field-wide">
          <span>
            <code>req.user</code> as JSON
          </span>
          <textarea
            class="code"
            rows={4}
            spellcheck={false}
            value={written.user}
            placeholder={'{ "id": 7, "tenant": "acme" }'}
            onInput={({ currentTarget }) => onChange({ user: currentTarget.value })}
          />
        </label>
      </div>
    </details>
  )
}

function Decisions({ explanations }: { readonly explanations: readonly Explanation[] }) {
  if (explanations.length === 0) {
    return (
      <Empty title="No rule for reading is on this route, so the cache does nothing.">
        Look whether the path and the method are those of the route; <a href="#/rules">Rules</a> names all
        that there are.
      </Empty>
    )
  }
  return (
    <>
      {explanations.map((explanation) => (
        <Decision
          key={`${explanation.process} ${explanation.rule} ${explanation.template}`}
          explanation={explanation}
        />
      ))}
    </>
  )
}

function spoken(explanations: readonly Explanation[]): string {
  if (explanations.length === 0) return 'No rule is on this route.'
  return explanations.map(({ next }) => `${next.xCache}: ${next.because}`).join(' ')
}
