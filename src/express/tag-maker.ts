import type { Response } from 'express'
import { type TagMaker, weakTag } from '../http/etag.js'

/** Makes the `ETag` that the application's `etag` setting gives a body; none if it is switched off. */
export function tagMakerOf({ app }: Response): TagMaker {
  return app?.get('etag') === 'weak' ? weakTag : app?.get('etag fn')
}
