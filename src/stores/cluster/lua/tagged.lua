-- Which keys carry one of some tags. What it looks at in one call is bounded: the caller goes on from where it stopped.
--
-- KEYS: index
-- ARGV: how many members to look at, the key behind which to go on in the first tag (empty: at its beginning); then the
--   tags
-- Returns two things for each that is found: the place of the tag, and the key; and if there may be more, how many tags
--   are done, and the key behind which to go on in the next one, otherwise nil twice.
-- include: shard-tags
-- include: tag-search

local index = KEYS[1]
local budget, from = unpack(ARGV)
local FIRST_TAG = 3

local found = {}
local done, after = searchTags(index, TAG, FIRST_TAG, tonumber(budget), from, function(nth, key)
  found[#found + 1] = nth
  found[#found + 1] = key
end)
return { found, done, after }
