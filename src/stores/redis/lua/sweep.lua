-- Looks at some of the listed keys, and takes the dead ones out of the index; the same of tags.
--
-- KEYS: index, server, marks
-- ARGV: the store's prefix, how many keys and tags to look at, life of the server's name in ms, channel of evictions
-- Returns how many it looked at, and how many of them were dead.
-- include: paged-samples
-- include: dead-keys
-- include: dead-tags

local index, serverName, marks = unpack(KEYS)
local prefix, count, lifetimeMs, evictionChannel = unpack(ARGV)
local ENTRIES_AT_ONCE = 10

redis.call('PEXPIRE', serverName, lifetimeMs)
redis.call('PEXPIRE', marks, lifetimeMs)
seedRandom()
local looked, dead = 0, 0
local entries = someEntries(index, ENTRIES_AT_ONCE)
for _, entry in ipairs(entries) do
  local keys = someKeys(index, entry, '', math.ceil(count / #entries))
  -- A page that was lost counts as a dead key.
  looked = looked + math.max(#keys, 1)
  dead = dead + (#keys == 0 and 1 or unlistDead(index, prefix, entry, keys))
end
local lookedAtTags, deadTags = sweepTags(index, prefix, tonumber(count), evictionChannel)
return { looked + lookedAtTags, dead + deadTags }
