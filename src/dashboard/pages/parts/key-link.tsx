import { linkTo } from '../route.js'

/** A key, which leads to what is known of it. */
export function KeyLink({ value }: { readonly value: string }) {
  return (
    <a class="key" href={linkTo('keys', { key: value })}>
      {value}
    </a>
  )
}
