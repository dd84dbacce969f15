export { type Follower, type FollowerStatus, followDatabase } from './follow-database.js'
export type { FollowOptions } from './follow-options.js'
export type { FollowerRole } from './following.js'
