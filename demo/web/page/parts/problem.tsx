import type { ApiProblem } from '../api.js'
import { useWords } from '../crm.js'

/** What went wrong, in the words of the server, with the fields that no form shows. */
export function Problem({ problem, shown = [] }: { problem: ApiProblem; shown?: readonly string[] }) {
  const { say } = useWords()
  const rest = problem.fields.filter(({ field }) => !shown.includes(field))
  return (
    <div class="problem" role="alert">
      <p>{summaryOf(problem, say)}</p>
      {rest.length > 0 && (
        <ul lang="en">
          {rest.map(({ field, problem }) => (
            <li key={field}>
              <code>{field}</code> {problem}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

function summaryOf({ status, message, fields }: ApiProblem, say: ReturnType<typeof useWords>['say']): string {
  if (status === 0) return say('problem.unreachable')
  if (fields.length > 0) return say('problem.fields')
  return say('problem.answer', { status, text: message })
}
