-- Counts keys of the index, and looks at some of them.
-- include: paged-index

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
  -- Without that of the tags, which begins with the byte 255.
  local all = healed('ZLEXCOUNT', index, '-', '(\255')
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
