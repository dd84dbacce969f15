-- Gives listed keys that begin alike, with their tags. What it looks at in one call is bounded: the caller goes on from
-- where it stopped.
--
-- KEYS: index
-- ARGV: how the keys begin, key behind which to go on (empty: at the beginning), how many keys to return, how many
--   bytes of tags to read
-- Returns for each key itself, and its tags with a zero byte between them; and 1 if there may be more, otherwise 0.
-- include: shard-tags

local index = KEYS[1]
local start, after, budget, tagBytes = unpack(ARGV)

local found, left = {}, tonumber(tagBytes)
local keys = listedFrom(index, start, after, tonumber(budget))
-- Where nothing has tags, no key needs to be asked.
local hasTags = #healed('ZRANGEBYLEX', index, '[' .. RECORD, '(' .. TAG, 'LIMIT', 0, 1) > 0
for nth, key in ipairs(keys) do
  local record = hasTags and recordOf(index, key)
  local tags = record and table.concat(tagsOf(record), '\0') or ''
  left = left - #tags
  found[nth] = { key, tags }
  if left < 0 and nth < #keys then return { found, 1 } end
end
return { found, #keys == tonumber(budget) and 1 or 0 }
