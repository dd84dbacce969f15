/** What to do about a reason; `null` where it says what somebody wanted, or what nobody can change. */
interface Mend {
  /** The reason, or what it begins with. */
  readonly reason: string | RegExp
  readonly mend: string | null
}

/** Why requests go past the cache, and why answers are not stored. A test finds each reason of the sources in here. */
const MENDS: readonly Mend[] = [
  // Requests, before there is a key.
  {
    reason: 'disabled',
    mend: `The cache is switched off: createCache({ enabled: true }) switches it on.`,
  },
  {
    reason: /^method [A-Z]/,
    mend: `Only GET and HEAD are looked up; a POST that only reads is, if the key names {body.…}.`,
  },
  {
    reason: 'method override',
    mend: `Middleware has changed the method of the request. Let clients that only read send GET.`,
  },
  {
    reason: / with a body$/,
    mend: `Let the client send no body with a GET, or use a POST whose key names {body.…}.`,
  },
  { reason: 'Range', mend: `Parts are not cached. For large files use express.static behind a CDN.` },
  { reason: 'condition', mend: null },
  {
    reason: 'condition failed',
    mend: `The option condition threw: the log has the error. Let it check what may be missing, as in req.user?.id.`,
  },
  {
    reason: 'credentials',
    mend: `The lookup stands in front of many routes, and the request says who asks. Put it on each route behind its authorization, name the user in the key, or set visibility: 'public'.`,
  },
  {
    reason: /^no value for \{(?:user|auth|session)\b/,
    mend: `Nobody is signed in, or the cache is not told who. See that authentication runs before the cache, or say who it is by createCache({ user }). What everybody may see wants a key of its own.`,
  },
  {
    reason: /^no value for (?!part )/,
    mend: `The request has no such value. Give the placeholder a default, as in {query.page|1}, or see that what sets it runs before the cache.`,
  },
  {
    reason: /^no value for part /,
    mend: `The function of the key gave nothing for one of its parts. Give it a value for requests that are to be cached, as in req.query.page ?? 1.`,
  },
  {
    reason: 'no parts of a key',
    mend: `The function of the key gave an empty list. Give at least one fixed part.`,
  },
  {
    reason: 'key failed',
    mend: `The function of the key threw, or gave what it must not: the log says what.`,
  },
  {
    reason: /^key over \d+ bytes$/,
    mend: `Take long values out of the key, such as a free text, or a hash of them with a function: (req) => ['search', hash(req.query.q)].`,
  },
  {
    reason: 'the key does not name the user',
    mend: `The rule has visibility: 'user', and this request's key has nothing of who is signed in. See that authentication runs before the cache, or that the placeholder gives what createCache({ user }) does.`,
  },
  { reason: 'request no-store', mend: `The client asked for it, and honorRequestCacheControl lets it.` },
  {
    reason: 'HEAD asks for an answer of now',
    mend: `The client asked for it, and honorRequestCacheControl lets it.`,
  },
  // Nothing is wrong: a HEAD is answered from the entry of a GET, and makes none.
  { reason: 'HEAD without an entry', mend: null },
  {
    reason: 'answered already',
    mend: `Something in front of the cache has answered the request. Let it end there, without next().`,
  },
  { reason: 'asked by an audit', mend: null },
  // The store.
  {
    reason: 'store unavailable',
    mend: `Redis does not answer in time, or evictions are pending: see the store's state, its latency, and deadlineMs.`,
  },
  {
    reason: /^the key holds a .* that is not the cache's$/,
    mend: `Another program uses this key. Give the cache a keyPrefix of its own.`,
  },
  { reason: 'write under way', mend: null },
  {
    reason: 'rule is full',
    mend: `The rule holds as many keys as maxKeys allows. Raise it, shorten the TTL, or take a value with many spellings out of the key.`,
  },
  {
    reason: 'waited too long',
    mend: `Another request's handler took longer than two leases. Make it faster, or raise leaseMs.`,
  },
  {
    reason: 'answer not shareable',
    mend: `The answer of the handler that others waited for may not be stored: see why, among the answers not stored.`,
  },
  // What is stored.
  {
    reason: 'headers of middleware in front differ',
    mend: `The route adds to a header that middleware in front sets to something else each time. Set it in one place.`,
  },
  {
    reason: 'unreadable entry',
    mend: `What lies under the key is no answer of this rule, and came back after it was discarded. See who else writes there.`,
  },
  {
    reason: 'unreadable value',
    mend: `What lies under the key is no value of this function. See who else writes there, or give it a version or another key.`,
  },
  {
    reason: 'stale answer forbidden',
    mend: `The handler's Cache-Control says must-revalidate. Leave it out if stale answers may be served.`,
  },
  { reason: 'client gone', mend: null },
  // Answers.
  {
    reason: /^status \d+$/,
    mend: `Only 200 is stored. If this answer is as good for all, add its status: { statuses: [404] }.`,
  },
  {
    reason: 'Set-Cookie',
    mend: `A cookie is for one person. Set it on another route; if all may share the answer and this cookie says nothing, name it in createCache({ harmlessCookies }).`,
  },
  {
    reason: 'event stream',
    mend: `A stream goes on for as long as its client listens. Take the rule off this route.`,
  },
  { reason: /^Transfer-Encoding: /, mend: `Leave the coding of the connection to Node.` },
  { reason: 'Content-Range', mend: `The handler answers a part. Take the rule off this route.` },
  { reason: 'Encoding-At-Rest', mend: `Leave this header to the cache.` },
  {
    reason: 'Vary: *',
    mend: `The answer says that no other request may have it. Name the headers it depends on instead.`,
  },
  {
    reason: /^Vary: (?!\*)/,
    mend: `The answer depends on a header that the key does not name. Name it in the option: { vary: ['accept-language'] }.`,
  },
  { reason: 'unreadable Cache-Control', mend: `Mend the header, as in Cache-Control: max-age=60.` },
  {
    reason: /^Cache-Control: /,
    mend: `The handler, or middleware in front, forbids it. Leave the header out here; if it is meant for clients alone, name it in createCache({ clientHeaders: ['cache-control'] }).`,
  },
  { reason: 'unreadable Age', mend: `Mend the header: Age is a number of seconds.` },
  {
    reason: 'Content-Encoding',
    mend: `The handler compresses for one client. Let middleware in front compress, or the option compress; or add vary: ['accept-encoding'].`,
  },
  {
    reason: 'incomplete body',
    mend: `The body is not as long as Content-Length says. Leave the header out: Node sets it.`,
  },
  {
    reason: 'no freshness left',
    mend: `Age, Expires or max-age of the answer leave no time. Raise them, or leave them out.`,
  },
  {
    reason: 'nonce',
    mend: `The body has a nonce of its Content-Security-Policy, which is for one response. Use hashes, or no cache for this page.`,
  },
  { reason: 'unless', mend: null },
  {
    reason: 'unless failed',
    mend: `The option unless threw: the log has the error. Let it check what may be missing in an answer.`,
  },
  {
    reason: 'left the route',
    mend: `The route called next(), or threw, and something behind it answered. Let the handler of the cached route answer itself.`,
  },
  { reason: 'JSONP', mend: `The answer is res.jsonp. Name the callback in the key: {query.callback|none}.` },
  { reason: 'aborted', mend: null },
  {
    reason: 'too large',
    mend: `The answer is larger than maxBodyBytes. Answer in pages, or raise createCache({ maxBodyBytes }).`,
  },
  {
    reason: 'unknown encoding',
    mend: `The handler writes text in an encoding that Node does not know. Write UTF-8.`,
  },
  {
    reason: /^tag '/,
    mend: `A tag has no value in this answer. Give it a default, as in {result.author.id|none}, or use cache.tag() where there is one.`,
  },
  {
    reason: 'unusable tag',
    mend: `A tag that cache.tag() was given is empty or too long. Give it a short text.`,
  },
  {
    reason: 'too many tags',
    mend: `Tag what an answer has in common, such as a list, and not each row of it.`,
  },
  {
    reason: 'no tags',
    mend: `The tags of this value cannot be known, since what it was made of was read without them.`,
  },
  { reason: 'the function failed', mend: null },
  { reason: 'other', mend: `There are more reasons than are told apart. The log at debug has each.` },
]

/** What to do about a reason; `null`: nothing need be done, `undefined`: nobody has said. */
export function mendOf(reason: string): string | null | undefined {
  const found = MENDS.find((mend) =>
    typeof mend.reason === 'string' ? mend.reason === reason : mend.reason.test(reason),
  )
  return found?.mend
}
