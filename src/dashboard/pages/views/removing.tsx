import { useRef, useState } from 'preact/hooks'
import type { PreviewAnswer, Removal } from '../../dashboard-api.js'
import { type Fault, faultOf, postJson } from '../api.js'
import { counted } from '../format.js'
import { useLive } from '../live/use-live.js'
import { FaultNote } from '../parts/fault-note.js'
import { Confirmation } from './confirmation.js'

const KINDS = [
  { kind: 'pattern', title: 'Pattern', example: 'customers:*' },
  { kind: 'key', title: 'Key', example: 'customers:42' },
  { kind: 'tag', title: 'Tag', example: 'customer:42' },
] as const

type Kind = Removal['kind']

/** What would go, and, where it is switched on and confirmed, its going. */
export function Removing({
  removal,
  onRemoved,
}: {
  /** What the page is about. */
  readonly removal: Removal | null
  readonly onRemoved: () => void
}) {
  const isAllowed = useLive().overview?.settings.removal ?? false
  const [kind, setKind] = useState<Kind>(removal?.kind ?? 'pattern')
  const [text, setText] = useState(removal === null ? '' : textOf(removal))
  const [preview, setPreview] = useState<{ of: Removal; answer: PreviewAnswer } | null>(null)
  const [fault, setFault] = useState<Fault | null>(null)
  const [done, setDone] = useState('')
  const dialog = useRef<HTMLDialogElement>(null)

  const attempt = async (step: () => Promise<void>) => {
    setFault(null)
    setDone('')
    await step().catch((error: unknown) => setFault(faultOf(error)))
  }
  const look = (event: Event) => {
    event.preventDefault()
    void attempt(async () => {
      const of = removalOf(kind, text.trim())
      setPreview(null)
      setPreview({ of, answer: await postJson<PreviewAnswer>('api/preview', of) })
    })
  }
  const remove = (of: Removal) =>
    attempt(async () => {
      const { removed } = await postJson<{ removed: number }>('api/evict', of)
      setPreview(null)
      setDone(`${counted(removed, 'entry', 'entries')} removed.`)
      onRemoved()
    })

  return (
    <details class="panel removing">
      <summary>{isAllowed ? 'Remove' : 'What a removal would take'}</summary>
      <form class="controls" onSubmit={look}>
        <label class="field">
          <span>By</span>
          <select
            value={kind}
            onChange={({ currentTarget }) => {
              setKind(KINDS.find((one) => one.kind === currentTarget.value)?.kind ?? 'pattern')
              setPreview(null)
            }}
          >
            {KINDS.map((one) => (
              <option key={one.kind} value={one.kind}>
                {one.title}
              </option>
            ))}
          </select>
        </label>
        <label class="field field-wide">
          <span>{KINDS.find((one) => one.kind === kind)?.title}</span>
          <input
            class="code"
            required
            value={text}
            autocomplete="off"
            spellcheck={false}
            placeholder={KINDS.find((one) => one.kind === kind)?.example}
            onInput={({ currentTarget }) => {
              setText(currentTarget.value)
              setPreview(null)
            }}
          />
        </label>
        <button type="submit">Preview</button>
        <p class="help">
          {isAllowed ? (
            'A preview removes nothing. Removing asks once more.'
          ) : (
            <>
              A preview removes nothing, and removing is off. Who may do it can switch it on:{' '}
              <code>cacheDashboard(cache, {'{ removal: true }'})</code>.
            </>
          )}
        </p>
      </form>
      {fault && <FaultNote fault={fault} />}
      <div role="status">
        {done && <p class="note note-good">{done}</p>}
        {preview && <Preview answer={preview.answer} />}
      </div>
      {preview && isAllowed && preview.answer.count > 0 && (
        <button type="button" class="danger" onClick={() => dialog.current?.showModal()}>
          Remove {countOf(preview.answer)}…
        </button>
      )}
      {preview && (
        <Confirmation
          dialog={dialog}
          title={`Remove ${countOf(preview.answer)}?`}
          verb="Remove"
          onConfirm={() => void remove(preview.of)}
        >
          <p>
            All that <code>{textOf(preview.of)}</code> meets goes, from all processes. The next requests for
            it are misses, and their handlers run.
          </p>
        </Confirmation>
      )}
    </details>
  )
}

function Preview({ answer }: { readonly answer: PreviewAnswer }) {
  if (answer.count === 0) return <p class="hint">It would remove nothing.</p>
  return (
    <>
      <p>
        It would remove <strong>{countOf(answer)}</strong>
        {answer.keys.length < answer.count ? `, of which these are the first ${answer.keys.length}:` : ':'}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what can be scrolled must be reached by the keyboard. */}
      <ul class="key-list" tabIndex={0} aria-label="What it would remove">
        {answer.keys.map((key) => (
          <li key={key}>
            <code>{key}</code>
          </li>
        ))}
      </ul>
    </>
  )
}

function countOf({ count, more }: PreviewAnswer): string {
  return `${more ? 'more than ' : ''}${counted(count, 'entry', 'entries')}`
}

function textOf(removal: Removal): string {
  switch (removal.kind) {
    case 'key':
      return removal.key
    case 'pattern':
      return removal.pattern
    case 'tag':
      return removal.tag
  }
}

function removalOf(kind: Kind, text: string): Removal {
  switch (kind) {
    case 'key':
      return { kind, key: text }
    case 'pattern':
      return { kind, pattern: text }
    case 'tag':
      return { kind, tag: text }
  }
}
