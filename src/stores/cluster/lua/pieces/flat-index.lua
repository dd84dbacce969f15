-- The index of a cluster's shard: one sorted set. It takes some 107 bytes for each key, where a paged one takes 30.
--
-- But while a slot moves to another server, a part of what it holds may already be there. With several names that
-- would be some pages, and a script that cannot see a page would count it as lost and make it anew. One name is there
-- or not.
-- include: sorted-sets

local function isListed(index, key) return healed('ZSCORE', index, key) ~= false end

-- Up to count listed keys that begin with start and come after the cursor, if there is one.
local function listedFrom(index, start, cursor, count)
  local from = cursor ~= '' and '(' .. cursor or '[' .. start
  return healed('ZRANGEBYLEX', index, from, endOf(start), 'LIMIT', 0, count)
end
