-- Counts listed keys that begin alike. What it looks at in one call is bounded: the caller goes on from where it
-- stopped.
--
-- KEYS: index
-- ARGV: how the keys begin, entry behind which to go on (empty: at the beginning), how many pages to look at
-- Returns the number, and if there may be more, the entry behind which to go on, otherwise nil.
-- include: paged-samples

local index = KEYS[1]
local start, after, most = unpack(ARGV)
local entries
if after == '' then
  entries = entriesFrom(index, start, '', tonumber(most))
else
  entries = healed('ZRANGEBYLEX', index, '(' .. after, endOf(sortable(start)), 'LIMIT', 0, most)
end
local mayBeMore = #entries == tonumber(most)
return { countUpTo(math.huge, index, entries, start), mayBeMore and entries[#entries] }
