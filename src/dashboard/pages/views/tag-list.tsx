export function TagList({
  tags,
  most = tags.length,
}: {
  readonly tags: readonly string[]
  readonly most?: number
}) {
  return (
    <span class="tags">
      {tags.slice(0, most).map((tag) => (
        <code key={tag}>{tag}</code>
      ))}
      {tags.length > most && <span class="muted">and {tags.length - most} more</span>}
    </span>
  )
}
