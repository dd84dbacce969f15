-- Enters keys in the index, takes them out and finds them. It is apart from listed-in-pages.lua because a script makes
-- all its functions anew each time, and hits need no more than that.
-- include: listed-in-pages

local MOST_KEYS = 100
local PAGES_AT_ONCE = 50

local function newEntry(index, first)
  local seconds, microseconds = unpack(redis.call('TIME'))
  local number = seconds * 1000000 + microseconds
  local entry
  repeat
    entry = sortable(first) .. '\0' .. string.format('%0' .. DIGITS .. '.0f', number)
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

-- Lets the page of an entry begin with the first key that it has, so that nothing keeps the name of one that has gone.
local function beginAnew(index, entry)
  local first = redis.call('ZRANGE', pageOf(index, entry), 0, 0)[1]
  local begun = first and sortable(first) .. string.sub(entry, -DIGITS - 1)
  if not first or begun == entry then return end
  redis.call('ZADD', index, 0, begun)
  redis.call('ZREM', index, entry)
end

local function unlistKey(index, key)
  if isListed(index, key) then unlist(index, entryFor(index, key), { key }) end
end

-- Up to count entries of the pages for keys that begin with start, from that of the cursor on.
local function entriesFrom(index, start, cursor, count)
  local from = cursor ~= '' and cursor or start
  local after = '(' .. sortable(from) .. '\0\255'
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
