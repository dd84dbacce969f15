import type { Command } from './command.js'
import { audit } from './commands/audit.js'
import { check } from './commands/check.js'
import { evict } from './commands/evict.js'
import { explain } from './commands/explain.js'
import { get } from './commands/get.js'
import { keys } from './commands/keys.js'
import { postgres } from './commands/postgres.js'
import { stats } from './commands/stats.js'
import { top } from './commands/top.js'

/** In the order of the help. */
export const COMMANDS: readonly Command[] = [check, stats, top, keys, get, explain, audit, evict, postgres]
