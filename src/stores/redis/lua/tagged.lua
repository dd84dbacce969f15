-- Which entries carry one of some tags. What it looks at in one call is bounded: the caller goes on from where it
-- stopped.
--
-- KEYS: index
-- ARGV: the store's prefix, how many members of the set of tags to look at, the key behind which to go on in the first
--   tag (empty: at its beginning); then the tags
-- Returns three things for each entry that is found: the place of the tag, the key, and when it expires in ms; and if
--   there may be more, how many tags are done, and the key behind which to go on in the next one, otherwise nil twice.
-- include: owned-text
-- include: listed-in-pages
-- include: tags
-- include: tag-search
-- include: expiries

local index = KEYS[1]
local prefix, budget, from = unpack(ARGV)
local FIRST_TAG = 4

local found = {}
local entry = tagsEntry(index)
local tags = entry and pageOf(index, entry)
if not entry or isLost(tags) then return { found, false, false } end

local done, after = searchTags(tags, '', FIRST_TAG, tonumber(budget), from, function(nth, key)
  local expiry = isListed(index, key) and expiryOf(prefix .. key)
  if expiry then
    for _, said in ipairs({ nth, key, expiry }) do found[#found + 1] = said end
  end
end)
return { found, done, after }
