import { numberParam, optionalText, param, queried, text, userOf } from '../requests.js'
import type { DiscussionService } from '../services/discussion-service.js'
import type { PeopleService } from '../services/people-service.js'
import type { Wiring } from '../wiring.js'

export function peopleRoutes(wiring: Wiring, people: PeopleService): void {
  wiring.read('/people/:name', 'person:{name}:{user.id|nobody}', (req) =>
    people.profile(param(req, 'name'), userOf(req)),
  )

  wiring.read('/people/:name/followers', 'followers:{name}', (req) => people.followers(param(req, 'name')))

  wiring.read('/bylines', 'bylines:{query.names|none}', (req) =>
    people.bylines((queried(req, 'names') ?? 'none').split(',')),
  )

  wiring.read('/readers', 'readers', () => people.readers())

  wiring.readOwn('/me/desk', 'desk:{user.id}', (req) => people.desk(userOf(req)))

  wiring.write('POST /people', (req) => people.create(text(req, 'name'), optionalText(req, 'biography')))

  wiring.write('PUT /me', (req) =>
    people.update(userOf(req), {
      name: optionalText(req, 'name'),
      biography: req.body?.biography === null ? null : optionalText(req, 'biography'),
    }),
  )

  wiring.write('DELETE /me', (req) => people.delete(userOf(req)))

  wiring.write('PUT /people/:name/follow', (req) => people.follow(userOf(req), param(req, 'name')))

  wiring.write('DELETE /people/:name/follow', (req) => people.unfollow(userOf(req), param(req, 'name')))
}

export function discussionRoutes(wiring: Wiring, discussion: DiscussionService): void {
  wiring.read('/articles/:slug/comments', 'comments:{slug}', (req) => discussion.comments(param(req, 'slug')))

  wiring.write('POST /articles/:slug/comments', (req) =>
    discussion.comment(userOf(req), param(req, 'slug'), text(req, 'body')),
  )

  wiring.write('DELETE /comments/:id', (req) => discussion.deleteComment(numberParam(req, 'id')))

  wiring.write('POST /moderation', (req) => discussion.deleteComments(text(req, 'word')))

  wiring.write('PUT /articles/:slug/favourite', (req) => discussion.like(userOf(req), param(req, 'slug')))

  wiring.write('DELETE /articles/:slug/favourite', (req) =>
    discussion.unlike(userOf(req), param(req, 'slug')),
  )

  wiring.write('POST /me/favourites', (req) => discussion.likeAll(userOf(req), text(req, 'author')))
}
