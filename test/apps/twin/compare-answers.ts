import type { LightAnswer } from '../../support/light-client.js'
import type { Subject } from './subject.js'

/** What was answered and what would have been right; `undefined` where they are the same. */
export interface Unequal {
  readonly answered: string
  readonly expected: string
}

export function compareAnswers(
  answered: LightAnswer,
  expected: LightAnswer,
  { headers = [], lasting = (text) => text }: Pick<Subject, 'headers' | 'lasting'>,
): Unequal | undefined {
  const [one, other] = [answered, expected].map((answer) => {
    const fields = ['content-type', ...headers].map((name) => `${name}: ${answer.headers[name] ?? ''}`)
    return [answer.status, ...fields, lasting(answer.text)].join(' | ')
  }) as [string, string]
  return one === other ? undefined : { answered: one, expected: other }
}
