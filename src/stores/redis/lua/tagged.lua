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
-- include: server-time

local index = KEYS[1]
local prefix, left, from = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local FIRST_TAG = 4
local TRIES = 5

local now = timeMs()

-- When an entry expires; nil if it is not there. Before Redis 7, time goes on within a script.
local function expiryOf(key)
  if not isListed(index, key) then return nil end
  local remainingMs
  for _ = 1, TRIES do
    local before = now
    remainingMs, now = redis.call('PTTL', prefix .. key), timeMs()
    if remainingMs < 1 then return nil end
    if now == before then break end
  end
  return now + remainingMs
end

local found = {}
local entry = tagsEntry(index)
local tags = entry and pageOf(index, entry)
if not entry or isLost(tags) then return { found, false, false } end

for nth = FIRST_TAG, #ARGV do
  local tag = ARGV[nth]
  local after = from ~= '' and '(' .. memberOf(tag, from) or '[' .. memberOf(tag, '')
  local members = redis.call('ZRANGEBYLEX', tags, after, '(' .. tag .. '\1', 'LIMIT', 0, left)
  for _, member in ipairs(members) do
    local key = keyOf(member)
    local expiry = expiryOf(key)
    if expiry then
      found[#found + 1] = nth - FIRST_TAG
      found[#found + 1] = key
      found[#found + 1] = string.format('%.0f', expiry)
    end
  end
  -- A tag without entries is a look, too.
  left, from = left - math.max(#members, 1), ''
  if left <= 0 and #members > 0 then return { found, nth - FIRST_TAG, keyOf(members[#members]) } end
  if left <= 0 and nth < #ARGV then return { found, nth - FIRST_TAG + 1, '' } end
end
return { found, false, false }
