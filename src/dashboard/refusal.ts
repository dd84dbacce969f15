/** Why the dashboard does not do what it is asked for, and what to do about it. */
export class Refusal extends Error {
  readonly status: number
  readonly mend: string

  constructor(status: number, message: string, mend: string) {
    super(message)
    this.status = status
    this.mend = mend
  }
}

export function badInput(message: string, mend: string): Refusal {
  return new Refusal(400, message, mend)
}
