import { ARTICLE_SCENARIOS } from './article-scenarios.js'
import { COLLECTION_SCENARIOS } from './collection-scenarios.js'
import { PEOPLE_SCENARIOS } from './people-scenarios.js'
import type { Scenario } from './scenario.js'

export const SCENARIOS: readonly Scenario[] = [
  ...PEOPLE_SCENARIOS,
  ...ARTICLE_SCENARIOS,
  ...COLLECTION_SCENARIOS,
]
