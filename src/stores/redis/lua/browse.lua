-- Says what lies under listed keys that begin alike. What it looks at in one call is bounded: the caller goes on from
-- where it stopped.
--
-- KEYS: index
-- ARGV: the store's prefix, how the keys begin, key behind which to go on (empty: at the beginning), how many keys to
--   look at, how many entries to return, how many bytes of tags to read
-- Returns for each entry its key, how many bytes it has, its life in ms, and its tags with a zero byte between them;
-- and if there may be more, the key behind which to go on, otherwise nil.
-- include: owned-text
-- include: paged-index

local index = KEYS[1]
local prefix, start, after, budget, most, tagBytes = unpack(ARGV)

-- How many bytes a value of ours has; nil, if there is none.
local function sizeOf(name)
  local size = redis.pcall('STRLEN', name)
  if type(size) == 'number' then return size end
  if not string.find(size.err, 'WRONGTYPE', 1, true) then error(size.err) end
  return nil
end

local found, left = {}, tonumber(tagBytes)
local pages, _, reached = listedFrom(index, start, after, tonumber(budget))
for nth, page in ipairs(pages) do
  for at, key in ipairs(page.keys) do
    local name = prefix .. key
    local remainingMs = redis.call('PTTL', name)
    local size = remainingMs > 0 and sizeOf(name)
    if size then
      local tags = textAt(prefix .. '#tags:' .. key) or ''
      left = left - #tags
      found[#found + 1] = { key, size, remainingMs, tags }
    end
    local isLast = nth == #pages and at == #page.keys
    if not isLast and (#found == tonumber(most) or left < 0) then return { found, key } end
  end
end
return { found, reached }
