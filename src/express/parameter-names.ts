const NAMES_OF_ROUTE = new WeakMap<object, ReadonlySet<string>>()

/** The parameter names in a path of Express 4 or 5: `:id`, `:id(\\d+)`, `*splat`, `:"quoted name"`. */
export function parameterNames(path: string): Set<string> {
  const names = [...path.matchAll(/[:*](?:"([^"]+)"|([\p{ID_Start}$_][\p{ID_Continue}$]*))/gu)]
  return new Set(names.flatMap(([, quoted, plain]) => quoted ?? plain ?? []))
}

/** Whether the path of a route has a parameter of that name, which a request may leave out where it is optional. */
export function declaresParameter(route: { readonly path?: unknown } | undefined, name: string): boolean {
  if (!route) return false
  const known = NAMES_OF_ROUTE.get(route)
  if (known) return known.has(name)
  const texts = [route.path].flat().filter((path) => typeof path === 'string')
  const names = new Set(texts.flatMap((text) => [...parameterNames(text)]))
  NAMES_OF_ROUTE.set(route, names)
  return names.has(name)
}
