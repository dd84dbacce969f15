import type { ComponentChildren } from 'preact'

/** Lets what is too wide be scrolled by itself, with the keyboard as well, so that the page is never wider than its window. */
export function Scroller({
  label,
  children,
}: {
  readonly label: string
  readonly children: ComponentChildren
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what can be scrolled must be reached by the keyboard (axe: scrollable-region-focusable).
    <section class="scroller" aria-label={label} tabIndex={0}>
      {children}
    </section>
  )
}
