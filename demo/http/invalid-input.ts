import type { ValidationError } from 'class-validator'

export interface FieldProblem {
  readonly field: string
  readonly problem: string
}

/** Answered by a 400 that says which fields are wrong, and why. */
export class InvalidInput extends Error {
  constructor(readonly fields: readonly FieldProblem[]) {
    super('Invalid input')
  }

  static of(field: string, problem: string): InvalidInput {
    return new InvalidInput([{ field, problem }])
  }

  static from(errors: readonly ValidationError[]): InvalidInput {
    const fields = errors.map(({ property, constraints = {} }) => ({
      field: property,
      problem: Object.values(constraints).join(', '),
    }))
    return new InvalidInput(fields)
  }
}
