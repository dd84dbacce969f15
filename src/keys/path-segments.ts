/** Written so by nothing else: what stands for a character of a value has capitals. */
export const PATH_SEPARATOR = '%2f'

/** The value of a wildcard in a path, as Express 5 gives it. A list from anywhere else is no value. */
export class PathSegments {
  readonly segments: readonly string[]

  constructor(segments: readonly string[]) {
    this.segments = segments
  }

  /** A parameter of a path: a wildcard's list as what it is, and all else as it stands. */
  static from(parameter: unknown): unknown {
    const isList = Array.isArray(parameter) && parameter.every((segment) => typeof segment === 'string')
    return isList ? new PathSegments(parameter) : parameter
  }
}
