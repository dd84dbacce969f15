-- When each tag was last evicted: a hash. Its fields of the byte 255 are no tags: an epoch, which tells it from one
-- that was lost; how many evictions by tag there have been; and up to which of these all tags count as evicted.
--
-- A load or a put notes the moment at which it begins: the epoch, and the count. If its tags, known at its end, have
-- not been evicted since, it may store. Where the hash was lost in between, nobody knows.
-- include: sorted-sets

local EPOCH, COUNT, ALL_EVICTED_AT = '\255epoch', '\255count', '\255all'
-- Beyond it, all tags count as evicted: whoever is loading loads once more.
local MOST_MARKS = 10000
local MARKS_MS = 7 * 24 * 3600000

local function beginEpoch(marks, epoch, count)
  redis.call('DEL', marks)
  redis.call('HSET', marks, EPOCH, epoch, COUNT, count, ALL_EVICTED_AT, count)
  redis.call('PEXPIRE', marks, MARKS_MS)
end

-- What a token is to note. epoch: names a new hash, if there is none.
local function momentNow(marks, epoch)
  local standing, count = unpack(healed('HMGET', marks, EPOCH, COUNT))
  if type(standing) ~= 'string' or type(count) ~= 'string' then
    beginEpoch(marks, epoch, 0)
    standing, count = epoch, 0
  end
  return standing .. ':' .. count
end

-- Notes an eviction by one tag, or by several, which counts as one of all. Where there is no hash, no moment counts
-- that was noted. Of what is to be forgotten no mark keeps the name.
local function markEvicted(marks, selector)
  local epoch = healed('HGET', marks, EPOCH)
  if type(epoch) ~= 'string' then return end
  local count = redis.call('HINCRBY', marks, COUNT, 1)
  if selector.kind == 'tags-naming' then return beginEpoch(marks, epoch, count) end
  redis.call('HSET', marks, selector.kind == 'tag' and selector.start or ALL_EVICTED_AT, count)
  redis.call('PEXPIRE', marks, MARKS_MS)
  if redis.call('HLEN', marks) > MOST_MARKS then beginEpoch(marks, epoch, count) end
end

-- Whether none of the tags has been evicted since a moment.
local function isUnevicted(marks, moment, tags)
  if #tags == 0 then return true end
  local epoch, count = string.match(moment or '', '^(.*):(%d+)$')
  local standing, allEvictedAt = unpack(healed('HMGET', marks, EPOCH, ALL_EVICTED_AT))
  if not epoch or standing ~= epoch then return false end
  local since = tonumber(count)
  if tonumber(allEvictedAt) > since then return false end
  for _, evictedAt in ipairs(redis.call('HMGET', marks, unpack(tags))) do
    if type(evictedAt) == 'string' and tonumber(evictedAt) > since then return false end
  end
  return true
end
