/** A name as SQL has it. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function quotedTable({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return `${quotedName(schema)}.${quotedName(name)}`
}

/** A text as SQL has it, whatever `standard_conforming_strings` says. */
export function quotedText(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`
  return text.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted
}
