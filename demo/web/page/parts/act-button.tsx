import { useState } from 'preact/hooks'
import { ApiProblem } from '../api.js'
import { useCrm, useWords } from '../crm.js'

interface ActButtonProps {
  readonly label: string
  /** With what it is about, for those who hear it among others of its kind. */
  readonly spoken: string
  readonly class?: string
  /** A write; answers once it is done. */
  readonly act: () => Promise<void>
}

/** A button that writes at once. What the server has against it stands beside it. */
export function ActButton({ label, spoken, act, class: looks = 'small' }: ActButtonProps) {
  const { say } = useWords()
  const { announce } = useCrm()
  const [isActing, setIsActing] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)

  async function click() {
    setIsActing(true)
    setProblem(null)
    try {
      await act()
    } catch (error) {
      const { status, message } = error instanceof ApiProblem ? error : new ApiProblem(0, String(error))
      const text =
        status === 0 ? say('problem.unreachable') : say('problem.answer', { status, text: message })
      setProblem(text)
      announce(text)
    }
    setIsActing(false)
  }

  return (
    <>
      <button type="button" class={looks} disabled={isActing} onClick={click} aria-label={spoken}>
        {label}
      </button>
      {problem && <span class="field-problem">{problem}</span>}
    </>
  )
}
