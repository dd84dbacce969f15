import type { ComponentChildren } from 'preact'

/** A word with a dot of its colour beside it; the word alone says it as well. */
export function State({
  kind,
  children,
}: {
  readonly kind: 'good' | 'warn' | 'bad' | 'off'
  readonly children: ComponentChildren
}) {
  return (
    <span class={`state state-${kind}`}>
      <i aria-hidden="true" />
      {children}
    </span>
  )
}
