import { SORTED_SETS } from './lua-pieces.js'

/**
 * The index of a single Redis: a sorted tree of two levels, since Redis packs a sorted set of up to 128 short members
 * into some 30 bytes for each, and needs 107 in a larger one.
 *
 * - A page is a sorted set of keys. It goes with its last key.
 * - The top, under the index's own name, has an entry for each page: from which key on keys belong to it (up to where
 *   the next page begins), a zero byte, and the page's number. The page is `<index>:<number>`.
 *
 * Redis may drop either at any time. Without a page its keys are not listed, without the top none is. Nothing else
 * leads to a page than its entry, and a new page gets a number that no page has which still lies there: so pages
 * that lost their top never belong to another, and expire.
 *
 * Where Redis does not pack a page (it has a key of more than 64 bytes, or `zset-max-listpack-entries` is set lower),
 * only the memory differs.
 */
export const IS_LISTED = `${SORTED_SETS}
local DIGITS = 16

-- Keys in the order of their bytes, also before what follows them in an entry.
local function sortable(key) return (string.gsub(key, '%z', '\\0\\255')) end

local function pageOf(index, entry) return index .. ':' .. string.sub(entry, -DIGITS) end

-- The entry of the page that a key belongs to, if there is one.
local function entryFor(index, key)
  return healed('ZREVRANGEBYLEX', index, '(' .. sortable(key) .. '\\0\\255', '-', 'LIMIT', 0, 1)[1]
end

local function isListed(index, key)
  local entry = entryFor(index, key)
  return entry and healed('ZSCORE', pageOf(index, entry), key) ~= false
end
`

/** After `IS_LISTED`, which is apart because a script makes all its functions anew each time, and hits need no more. */
export const PAGED_INDEX = `
local MOST_KEYS = 100
local PAGES_AT_ONCE = 50

local function newEntry(index, first)
  local seconds, microseconds = unpack(redis.call('TIME'))
  local number = seconds * 1000000 + microseconds
  local entry
  repeat
    entry = sortable(first) .. '\\0' .. string.format('%0' .. DIGITS .. '.0f', number)
    number = number + 1
  until redis.call('EXISTS', pageOf(index, entry)) == 0
  redis.call('ZADD', index, 0, entry)
  return entry
end

local function split(index, page)
  local keys = redis.call('ZRANGE', page, 0, -1)
  local half = math.floor(#keys / 2)
  local right = pageOf(index, newEntry(index, keys[half + 1]))
  for nth = half + 1, #keys do redis.call('ZADD', right, 0, keys[nth]) end
  redis.call('PEXPIRE', right, redis.call('PTTL', page))
  redis.call('ZREMRANGEBYRANK', page, half, -1)
end

-- The index outlives everything it lists.
local function enlist(index, key, lifetimeMs)
  local page = pageOf(index, entryFor(index, key) or newEntry(index, ''))
  local added = healed('ZADD', page, 0, key)
  outlive(index, lifetimeMs)
  outlive(page, lifetimeMs)
  if added == 1 and redis.call('ZCARD', page) > MOST_KEYS then split(index, page) end
end

-- Keys that this page lists.
local function unlist(index, entry, keys)
  if #keys == 0 then return end
  local page = pageOf(index, entry)
  if #keys < redis.call('ZCARD', page) then
    redis.call('ZREM', page, unpack(keys))
  else
    redis.call('DEL', page)
    redis.call('ZREM', index, entry)
  end
end

local function unlistKey(index, key)
  if isListed(index, key) then unlist(index, entryFor(index, key), { key }) end
end

-- Up to count entries of the pages for keys that begin with start, from that of the cursor on.
local function entriesFrom(index, start, cursor, count)
  local from = cursor ~= '' and cursor or start
  local after = '(' .. sortable(from) .. '\\0\\255'
  local entries = { entryFor(index, from) }
  local others = redis.call('ZRANGEBYLEX', index, after, endOf(sortable(start)), 'LIMIT', 0, count - #entries)
  for _, entry in ipairs(others) do entries[#entries + 1] = entry end
  return entries
end

-- Up to count keys of a page that begin with start. The entry of a page that was lost goes.
local function keysOf(index, entry, from, start, count)
  local page = pageOf(index, entry)
  local keys = healed('ZRANGEBYLEX', page, from, endOf(start), 'LIMIT', 0, count)
  if #keys == 0 and redis.call('ZCARD', page) == 0 then redis.call('ZREM', index, entry) end
  return keys
end

-- Up to count listed keys that begin with start and come after the cursor, if there is one: for each page its entry
-- and keys. Also returns how many of the count are left and, if there may be more keys, the cursor.
local function listedFrom(index, start, cursor, count)
  local from = cursor ~= '' and '(' .. cursor or '[' .. start
  local entries = entriesFrom(index, start, cursor, PAGES_AT_ONCE)
  local pages, left = {}, count
  for _, entry in ipairs(entries) do
    local keys = keysOf(index, entry, from, start, left)
    if #keys > 0 then
      pages[#pages + 1] = { entry = entry, keys = keys }
      left = left - #keys
      cursor = keys[#keys]
    end
    if left == 0 then break end
  end
  local isAll = left > 0 and #entries < PAGES_AT_ONCE
  return pages, left, not isAll and cursor
end
`

/** Counting, and looking at some keys; after `PAGED_INDEX`. */
export const PAGED_SAMPLES = `
-- How many of the keys in these pages begin with start, up to most.
local function countUpTo(most, index, entries, start)
  local count = 0
  for nth, entry in ipairs(entries) do
    local page = pageOf(index, entry)
    local isWhole = nth > 1 and nth < #entries
    local inPage = isWhole and healed('ZCARD', page) or healed('ZLEXCOUNT', page, '[' .. start, endOf(start))
    count = count + inPage
    if count >= most then return most end
  end
  return count
end

-- Without it math.random gives every script the same numbers.
local function seedRandom() math.randomseed(redis.call('TIME')[2]) end

-- Up to count entries, evenly apart.
local function someEntries(index, count)
  local all = healed('ZCARD', index)
  local size = math.min(count, all)
  local first = math.random(0, math.max(all - 1, 0))
  local entries = {}
  for nth = 1, size do
    local rank = (first + math.floor(nth * all / size)) % all
    entries[nth] = redis.call('ZRANGE', index, rank, rank)[1]
  end
  return entries
end

-- Up to count neighbours among the keys of a page that begin with start.
local function someKeys(index, entry, start, count)
  local keys = keysOf(index, entry, '[' .. start, start, -1)
  local size = math.min(count, #keys)
  local skipped = math.random(0, #keys - size)
  return { unpack(keys, skipped + 1, skipped + size) }
end
`
