import type { ComponentChildren, RefObject } from 'preact'

/** Asks once more. The browser's own dialog keeps the keyboard inside, and Escape closes it. */
export function Confirmation({
  dialog,
  title,
  verb,
  onConfirm,
  children,
}: {
  readonly dialog: RefObject<HTMLDialogElement | null>
  readonly title: string
  readonly verb: string
  readonly onConfirm: () => void
  readonly children: ComponentChildren
}) {
  return (
    <dialog ref={dialog} aria-labelledby="confirmation">
      <form
        method="dialog"
        onSubmit={(event) => {
          if ((event.submitter as HTMLButtonElement | null)?.value === 'yes') onConfirm()
        }}
      >
        <h2 id="confirmation">{title}</h2>
        {children}
        <p class="actions">
          <button type="submit" value="no">
            Cancel
          </button>
          <button type="submit" value="yes" class="danger">
            {verb}
          </button>
        </p>
      </form>
    </dialog>
  )
}
