export interface MarkdownExample {
  /** The markdown file, relative to the project. */
  readonly file: string
  /** The line of its first line of code, counted from 1. */
  readonly line: number
  /** The whole text after the fence: the language, and a mark if there is one. */
  readonly info: string
  readonly code: string
}

const FENCE = /^(\s*)(`{3,}|~{3,})\s*(.*?)\s*$/

/** The fenced code blocks of a markdown text, in their order. */
export function markdownExamples(file: string, markdown: string): MarkdownExample[] {
  const examples: MarkdownExample[] = []
  const lines = markdown.split(/\r?\n/)
  for (let at = 0; at < lines.length; at++) {
    const opening = FENCE.exec(lines[at] as string)
    if (opening === null) continue
    const [, indent = '', fence = '', info = ''] = opening
    const code: string[] = []
    const firstLine = at + 1
    while (++at < lines.length && !closes(lines[at] as string, fence)) {
      const line = lines[at] as string
      // A block in a list item is indented as a whole.
      code.push(line.startsWith(indent) ? line.slice(indent.length) : line)
    }
    examples.push({ file, line: firstLine + 1, info, code: code.join('\n') })
  }
  return examples
}

function closes(line: string, fence: string): boolean {
  const text = line.trim()
  return text.startsWith(fence) && text === (fence[0] as string).repeat(text.length)
}
