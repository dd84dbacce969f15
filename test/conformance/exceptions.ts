/** Required tests that are expected to fail, and why. `docs/reference/http.md` lists the same. */
export interface ExpectedException {
  /** Ids; a `*` at the end stands for any further text. */
  readonly tests: readonly string[]
  readonly reason: string
}

export const EXPECTED_EXCEPTIONS: readonly ExpectedException[] = [
  {
    tests: ['other-authorization'],
    reason: `The lookup is behind the route's own authorization, and what depends on the caller has the caller in its key. RFC 9111, section 3.5, is for caches that answer before anybody is authorized.`,
  },
  {
    tests: ['stale-close-*'],
    reason:
      'They can pass only from a store: the origin closes the connection, the handler fails, and its error does not have the counter by which the suite knows an answer of the origin. Nothing stale is served, as `stale-close` tells, on which they depend.',
  },
  {
    tests: ['surrogate-*'],
    reason:
      'Surrogate-Control is for surrogates that announce themselves by Surrogate-Capability (W3C Edge Architecture Specification). This cache does not, and follows Cache-Control and Expires.',
  },
  {
    tests: ['304-*', 'conditional-etag-vary-headers', 'cc-resp-must-revalidate-stale'],
    reason:
      'A stale answer is not reused, and not validated either: the handler runs, without conditions, and answers in full.',
  },
  {
    tests: ['age-parse-prefix'],
    reason:
      'Expects `Age: 0,7200` to be read as 0, while `age-parse-dup-0` expects `Age: 0, 0` to make an answer stale. An Age that is not one number keeps an answer from being stored.',
  },
  { tests: ['headers-store-Set-Cookie'], reason: 'An answer with Set-Cookie is not stored at all.' },
  { tests: ['headers-store-Content-Range'], reason: 'An answer with Content-Range is not stored at all.' },
  { tests: ['partial-use-headers'], reason: 'Parts are left to the handler.' },
  {
    tests: ['other-date-update'],
    reason:
      'A hit has a Date of its own, beside its Age: seen from outside, the app that answers is the origin.',
  },
]
