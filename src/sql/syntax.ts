import type { FuncCall, Node, TypeName } from 'libpg-query'

/** The texts of a list of names, such as those of `public.users`; undefined if something else is among them. */
export function namesOf(nodes: readonly Node[] | undefined): readonly string[] | undefined {
  const names = (nodes ?? []).map((node) => ('String' in node ? (node.String.sval ?? '') : undefined))
  return names.every((name) => name !== undefined) ? names : undefined
}

/** The one name of an operator that stands without a schema. */
export function operatorOf(name: readonly Node[] | undefined): string | undefined {
  const names = namesOf(name)
  return names?.length === 1 ? names[0] : undefined
}

/** A name and its schema, if it has one. */
export interface QualifiedName {
  readonly name: string
  readonly schema: string | undefined
}

export function functionName({ funcname }: FuncCall): QualifiedName {
  return qualified(namesOf(funcname) ?? [])
}

/** The type of a cast; undefined where it has a length or a precision, which would change the value. */
export function plainType({ names, typmods, setof, pct_type }: TypeName): QualifiedName | undefined {
  if (typmods?.length || setof || pct_type) return undefined
  return qualified(namesOf(names) ?? [])
}

function qualified(names: readonly string[]): QualifiedName {
  return { name: names.at(-1) ?? '', schema: names.at(-2) }
}
