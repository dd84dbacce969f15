import { CHECK_IN, FENCE, LEASES, MATCHING, SORTED_SETS, TEXT_AT } from '../redis/lua-pieces.js'
import { FLAT_INDEX } from './flat-index.js'

/**
 * What the cluster store does on the servers. A script reaches one slot only, and there are two kinds of slots: that
 * of a value, with its lease, and that of the part of the index that lists its key (see `cluster-names.ts`).
 *
 * The index says what counts: a value or a lease whose key it does not list is as good as missing. So an eviction
 * has happened as soon as it has taken the key out of the index, and a key is entered only by somebody who has first
 * removed what was there. That somebody holds the key's lease, marked as pending until the key is entered.
 *
 * The index has a member that begins with the byte 255, drawn when the index is made: its incarnation. It is lost
 * with the index, so whoever sees the same one twice knows that nothing was lost in between.
 */

/**
 * KEYS: value, lease. ARGV: token, lease in ms, grace in ms, what to do, channel. What to do: `keep` what is there;
 * begin `anew`, as the key is not listed; or `force`, also against one who is just doing so.
 *
 * Returns `value`, value, life; `busy`, holder, whether pending, value, life; or `lease`, token, value, life.
 */
const TAKE = `
local valueName, leaseName = unpack(KEYS)
local token, leaseMs, graceMs, what, channel = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]
local value, remainingMs = textAt(valueName)
local text = textAt(leaseName)
local holder = tokenOf(text)
local pending = text and string.find(text, '?', 1, true) ~= nil

if what == 'keep' and value and remainingMs > graceMs then return { 'value', value, remainingMs } end
if holder and holder ~= token and (what == 'keep' or (what == 'anew' and pending)) then
  markAwaited(leaseName)
  return { 'busy', holder, pending and 1 or 0, value, remainingMs }
end
if what ~= 'keep' then
  redis.call('DEL', valueName)
  value, remainingMs = false, 0
  if holder ~= token then tellOf(text, channel, '') end
end
redis.call('SET', leaseName, token .. '?', 'PX', leaseMs)
return { 'lease', token, value, remainingMs }
`

/** KEYS: lease. ARGV: token. The key is listed now. Returns whether the lease still stood. */
const CONFIRM = `
local leaseName, token = KEYS[1], ARGV[1]
local text, remainingMs = textAt(leaseName)
if tokenOf(text) ~= token then return 0 end
redis.call('SET', leaseName, (string.gsub(text, '?', '', 1)), 'PX', remainingMs)
return 1
`

/** KEYS: value, lease. ARGV: token, value, life in ms, channel. */
const STORE = `
local valueName, leaseName = unpack(KEYS)
local token, value, lifetimeMs, channel = unpack(ARGV)
if holderOf(leaseName) ~= token then return 0 end
redis.call('SET', valueName, value, 'PX', lifetimeMs)
endLease(leaseName, channel, '')
return 1
`

/** KEYS: lease. ARGV: channel, how it ended; a token, if only that holder's lease is meant. */
const END = `
local leaseName, channel, how, token = KEYS[1], unpack(ARGV)
if token and holderOf(leaseName) ~= token then return 0 end
endLease(leaseName, channel, how)
return 1
`

/** KEYS: value. */
const VALUE = `
local value, remainingMs = textAt(KEYS[1])
return value and { value, remainingMs }
`

/** KEYS: index. ARGV: key. Returns whether the key is listed, and the incarnation. */
const LISTED = `
local listed = isListed(KEYS[1], ARGV[1])
local found = redis.call('ZRANGEBYLEX', KEYS[1], '[\\255', '+', 'LIMIT', 0, 1)
return { listed and 1 or 0, found[1] or '' }
`

/** Enters a key, and draws an incarnation for an index that is new. */
const ENTER = `
local function enter(key, lifetimeMs, incarnation)
  local index = KEYS[1]
  if enlist(index, key, tonumber(lifetimeMs)) and redis.call('ZCARD', index) == 1 then
    redis.call('ZADD', index, 0, '\\255' .. incarnation)
  end
end
`

/**
 * KEYS: index. ARGV: key, life in ms, an incarnation if there is none, whether the key has to be there already; if
 * there is a cap, its prefix and its number. Returns `listed`; `unknown`; or `full` and some of the keys.
 */
const LIST = `
local index = KEYS[1]
local key, lifetimeMs, incarnation, mustBeThere, capPrefix, maxKeys = unpack(ARGV)
local listed = isListed(index, key)
if mustBeThere == '1' and not listed then return { 'unknown' } end
if capPrefix and not listed then
  local first, last = '[' .. capPrefix, endOf(capPrefix)
  local count = redis.call('ZLEXCOUNT', index, first, last)
  if count >= tonumber(maxKeys) then
    local size = math.min(count, 20)
    local offset = redis.call('TIME')[2] % (count - size + 1)
    return { 'full', unpack(redis.call('ZRANGEBYLEX', index, first, last, 'LIMIT', offset, size)) }
  end
end
enter(key, lifetimeMs, incarnation)
return { 'listed' }
`

/**
 * KEYS: index, fences. ARGV: key, life in ms, an incarnation if there is none, group, fence (empty: none is asked
 * for), whether the fence is to fall. Returns `refused`, or `listed` and whether variants of the key are listed.
 */
const CLAIM = `
local key, lifetimeMs, incarnation, group, fence, falls = unpack(ARGV)
if fence ~= '' and healed('HGET', KEYS[2], group) ~= fence then return { 'refused' } end
if falls == '1' then healed('HDEL', KEYS[2], group) end
enter(key, lifetimeMs, incarnation)
return { 'listed', #listedFrom(KEYS[1], key .. '#', '', 1) }
`

/** KEYS: index. ARGV: life in ms. */
const EXTEND = `
outlive(KEYS[1], tonumber(ARGV[1]))
`

/**
 * KEYS: index, fences. ARGV: how many keys to look at, the cursor, the number of groups whose fences fall (-1: all)
 * and their names; then one selector: `key` (with its variants) or `variants` and a key; or `pattern` or `glob`, the
 * literal prefix, and Lua pieces. Returns the keys that are not listed any more, and the cursor if there may be more.
 */
const UNLIST = `
local index, fences = unpack(KEYS)
local budget, cursor, groups = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
if groups < 0 then redis.call('DEL', fences) end
if groups > 0 then healed('HDEL', fences, unpack(ARGV, 4, 3 + groups)) end

local at = 4 + math.max(groups, 0)
local kind, start = ARGV[at], ARGV[at + 1]
local isSearch = kind == 'pattern' or kind == 'glob'
local found = listedFrom(index, isSearch and start or start .. '#', cursor, budget)
local covered = {}
if kind == 'key' and cursor == '' then covered[1] = start end
for _, key in ipairs(found) do
  if not isSearch or isCovered(kind, key, at + 2, #ARGV) then covered[#covered + 1] = key end
end
if #covered > 0 then healed('ZREM', index, unpack(covered)) end
return { covered, #found == budget and found[#found] or false }
`

/** KEYS: index. ARGV: how keys begin. Returns how many are listed. */
const COUNT = `
return healed('ZLEXCOUNT', KEYS[1], '[' .. ARGV[1], endOf(ARGV[1]))
`

/** KEYS: members. ARGV: id, after how long one counts as vanished, life in ms. Returns times, and how many vanished. */
const MEMBER = `
local now, oldest, lost = heartbeat(KEYS[1], ARGV[1], tonumber(ARGV[2]), ARGV[3])
return { now, oldest, lost }
`

/** By the name under which ioredis gets them as commands. */
export const CLUSTER_SCRIPTS = {
  cacheableTake: { numberOfKeys: 2, lua: TEXT_AT + LEASES + TAKE },
  cacheableConfirm: { numberOfKeys: 1, lua: TEXT_AT + LEASES + CONFIRM },
  cacheableStore: { numberOfKeys: 2, lua: TEXT_AT + LEASES + STORE },
  cacheableEnd: { numberOfKeys: 1, lua: TEXT_AT + LEASES + END },
  cacheableValue: { numberOfKeys: 1, lua: TEXT_AT + VALUE },
  cacheableListed: { numberOfKeys: 1, lua: FLAT_INDEX + LISTED },
  cacheableList: { numberOfKeys: 1, lua: FLAT_INDEX + ENTER + LIST },
  cacheableCount: { numberOfKeys: 1, lua: FLAT_INDEX + COUNT },
  cacheableClaim: { numberOfKeys: 2, lua: FLAT_INDEX + ENTER + CLAIM },
  cacheableExtend: { numberOfKeys: 1, lua: SORTED_SETS + EXTEND },
  cacheableFence: { numberOfKeys: 1, lua: SORTED_SETS + FENCE },
  cacheableCheckIn: { numberOfKeys: 1, lua: SORTED_SETS + CHECK_IN + MEMBER },
  cacheableUnlist: { numberOfKeys: 2, lua: FLAT_INDEX + MATCHING + UNLIST },
} as const
