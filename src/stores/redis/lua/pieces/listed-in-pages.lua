-- The index of a single Redis: a sorted tree of two levels, since Redis packs a sorted set of up to 128 short members
-- into some 30 bytes for each, and needs 107 in a larger one.
--
-- - A page is a sorted set of keys. It goes with its last key.
-- - The top, under the index's own name, has an entry for each page: from which key on keys belong to it (up to where
--   the next page begins), a zero byte, and the page's number. The page is `<index>:<number>`.
--
-- Redis may drop either at any time. Without a page its keys are not listed, without the top none is. Nothing else
-- leads to a page than its entry, and a new page gets a number that no page has which still lies there: so pages that
-- lost their top never belong to another, and expire.
--
-- Where Redis does not pack a page (it has a key of more than 64 bytes, or `zset-max-listpack-entries` is set lower),
-- only the memory differs.
-- include: sorted-sets

local DIGITS = 16

-- Keys in the order of their bytes, also before what follows them in an entry. Hardly any has a zero byte.
local function sortable(key)
  return string.find(key, '\0', 1, true) and string.gsub(key, '%z', '\0\255') or key
end

local function pageOf(index, entry) return index .. ':' .. string.sub(entry, -DIGITS) end

-- The entry of the page that a key belongs to, if there is one.
local function entryFor(index, key)
  return healed('ZREVRANGEBYLEX', index, '(' .. sortable(key) .. '\0\255', '-', 'LIMIT', '0', '1')[1]
end

local function isListed(index, key)
  local entry = entryFor(index, key)
  return entry and healed('ZSCORE', pageOf(index, entry), key) ~= false
end
