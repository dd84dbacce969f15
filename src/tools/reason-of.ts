/** What log lines and messages say of whatever was thrown. */
export function reasonOf(error: unknown): string {
  if (error instanceof Error) return error.message
  try {
    return String(error)
  } catch {
    // An object without a prototype has no text.
    return 'something without a text was thrown'
  }
}
