import type { ComponentChildren, TargetedSubmitEvent } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { ApiProblem } from '../api.js'
import { useWords } from '../crm.js'
import { Problem } from './problem.js'

export interface Field {
  /** As the API calls it, so that its objections find their place. */
  readonly name: string
  readonly label: string
  readonly type?: 'text' | 'email' | 'date' | 'datetime-local'
  readonly value?: string
  /** What one may well mean. */
  readonly suggestions?: readonly string[]
}

interface FormProps {
  readonly fields: readonly Field[]
  /** @throws {ApiProblem} Whose fields are shown beside those of the form. */
  readonly onSave: (values: Readonly<Record<string, string>>) => Promise<void>
  readonly children?: ComponentChildren
}

/** What is wrong is for the server to say: the browser's own objections are switched off. */
export function Form({ fields, onSave, children }: FormProps) {
  const { say } = useWords()
  const [problem, setProblem] = useState<ApiProblem | null>(null)
  const [isSaving, setIsSaving] = useState(false)
  const form = useRef<HTMLFormElement>(null)

  useEffect(() => {
    if (problem) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [problem])

  async function submit(event: TargetedSubmitEvent<HTMLFormElement>) {
    event.preventDefault()
    if (isSaving) return
    const data = new FormData(event.currentTarget)
    setIsSaving(true)
    try {
      await onSave(Object.fromEntries(fields.map(({ name }) => [name, String(data.get(name) ?? '')])))
    } catch (error) {
      setProblem(error instanceof ApiProblem ? error : new ApiProblem(0, String(error)))
      setIsSaving(false)
    }
  }

  return (
    <form ref={form} noValidate onSubmit={submit}>
      {problem && <Problem problem={problem} shown={fields.map(({ name }) => name)} />}
      {fields.map((field) => (
        <FormField key={field.name} field={field} problem={problemOf(problem, field)} />
      ))}
      <div class="buttons">
        <button type="submit" class="primary" disabled={isSaving}>
          {say('form.save')}
        </button>
        {children}
      </div>
    </form>
  )
}

function FormField({ field, problem }: { field: Field; problem: string | undefined }) {
  const { name, label, type = 'text', value, suggestions } = field
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        {...{ id, name, type }}
        defaultValue={value ?? ''}
        autocomplete="off"
        aria-invalid={problem !== undefined}
        {...(problem && { 'aria-describedby': `${id}-problem` })}
        {...(suggestions && { list: `${id}-list` })}
      />
      {suggestions && (
        <datalist id={`${id}-list`}>
          {suggestions.map((suggestion) => (
            <option key={suggestion} value={suggestion} />
          ))}
        </datalist>
      )}
      {problem && (
        <p class="field-problem" id={`${id}-problem`} lang="en">
          {problem}
        </p>
      )}
    </div>
  )
}

function problemOf(problem: ApiProblem | null, { name }: Field): string | undefined {
  return problem?.fields.find(({ field }) => field === name)?.problem
}
