interface FindFieldProps {
  readonly text: string
  /** In what a text is looked for. */
  readonly placeholder: string
  readonly onText: (text: string) => void
}

/** Finds what is on the page already, as one types. */
export function FindField({ text, placeholder, onText }: FindFieldProps) {
  return (
    <label class="field field-wide">
      <span>Find</span>
      <input
        type="search"
        value={text}
        placeholder={placeholder}
        onInput={({ currentTarget }) => onText(currentTarget.value)}
      />
    </label>
  )
}
