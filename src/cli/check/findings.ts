import type { CacheParts } from '../../cache-parts.js'
import { rulesOfMiddleware } from '../../express/middleware.js'
import { layersOf } from '../../express/verify-routes.js'
import { isMendable, type Mendable, problemOf } from '../mendable.js'
