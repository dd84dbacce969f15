import { Failure } from '../failures.js'
import { numberParam, param, queried, text, texts, userOf } from '../requests.js'
import { isSeriesFilter, type SeriesService } from '../services/series-service.js'
import type { TagService } from '../services/tag-service.js'
import type { Wiring } from '../wiring.js'

export function tagRoutes(wiring: Wiring, tags: TagService): void {
  wiring.read('/tags', 'tags', () => tags.all())

  wiring.read('/tags/:name/related', 'related:{name}', (req) => tags.related(param(req, 'name')))

  wiring.write('PUT /tags/:name', (req) => tags.rename(param(req, 'name'), text(req, 'name')))

  wiring.write('POST /tags/:name/merge', (req) => tags.merge(param(req, 'name'), text(req, 'into')))

  wiring.write('DELETE /tags/unused', () => tags.deleteUnused())
}

export function seriesRoutes(wiring: Wiring, series: SeriesService): void {
  wiring.read('/series', 'series-list:{query.of|all}', async (req) => {
    const filter = queried(req, 'of') ?? 'all'
    if (!isSeriesFilter(filter)) throw new Failure(400, 'There are no such series')
    return series.list(filter)
  })

  wiring.read('/series/:id', 'series:{id}', (req) => series.view(numberParam(req, 'id')))

  wiring.write('POST /series', (req) => series.create(userOf(req), text(req, 'title')))

  wiring.write('PUT /series/:id/articles', (req) =>
    series.arrange(numberParam(req, 'id'), texts(req, 'slugs')),
  )

  wiring.write('PUT /series/:id/title', (req) => series.retitle(numberParam(req, 'id'), text(req, 'title')))

  wiring.write('DELETE /series/:id', (req) => series.delete(numberParam(req, 'id')))
}
