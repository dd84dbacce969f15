export type { FollowOptions } from './follow-options.js'
