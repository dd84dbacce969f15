-- Which entries of a shard carry which tags. It stands in the index itself, among the keys, so that it is lost with
-- them or not at all, and one script on one name changes both:
--
-- - `\254<tag>\0<key>` for each tag of an entry.
-- - `\253<key>\255<known>\255<id>\255<kept>\255<own>`, the record of an entry: its own tags, those kept of an
--   entry before it, each with zero bytes between them, and the registration that they come from. known is 1 if they
--   are all that a value under the key carries, whichever of the two it is.
--
-- A value lies in another slot than its tags. So they are registered before the value is stored, beside those of the
-- value that it takes the place of; and one group of the two goes when it is known which value is there (settle.lua),
-- if nobody has registered others meanwhile. Until then there are too many of them: an eviction may remove an entry
-- that does not carry its tag any more, and misses none that does. What is not listed has no tags.
-- include: flat-index
-- include: tag-members

local RECORD, TAG, GAP = '\253', '\254', '\255'

local function textOf(key, record)
  local kept, own = table.concat(record.kept, '\0'), table.concat(record.own, '\0')
  return RECORD .. key .. GAP .. table.concat({ record.isKnown and '1' or '0', record.id, kept, own }, GAP)
end

-- The record of a key, if it has one.
local function recordOf(index, key)
  local start = RECORD .. key .. GAP
  local text = healed('ZRANGEBYLEX', index, '[' .. start, '(' .. start .. GAP, 'LIMIT', 0, 1)[1]
  if not text then return nil end
  local fields = string.sub(text, #start + 1)
  local known, id, kept, own = string.match(fields, '^(.)\255([^\255]*)\255([^\255]*)\255([^\255]*)$')
  if not known then return nil end
  return { text = text, isKnown = known == '1', id = id, kept = tagsIn(kept), own = tagsIn(own) }
end

-- Those of some tags that are not among others.
local function without(tags, others)
  local isOther, left = {}, {}
  for _, tag in ipairs(others) do isOther[tag] = true end
  for _, tag in ipairs(tags) do
    if not isOther[tag] then left[#left + 1] = tag end
  end
  return left
end

-- All tags of a record, its own first.
local function tagsOf(record)
  local all = { unpack(record.own) }
  for _, tag in ipairs(without(record.kept, record.own)) do all[#all + 1] = tag end
  return all
end

local function addMembers(index, members)
  for first = 1, #members, MOST_ARGUMENTS do
    local scored = {}
    for nth = first, math.min(first + MOST_ARGUMENTS - 1, #members) do
      scored[#scored + 1], scored[#scored + 2] = 0, members[nth]
    end
    redis.call('ZADD', index, unpack(scored))
  end
end

local function tagMembers(key, tags)
  local members = {}
  for nth, tag in ipairs(tags) do members[nth] = memberOf(TAG .. tag, key) end
  return members
end

-- Takes keys out of the index, with their tags. Returns how many there were of each.
local function unlist(index, keys)
  if #keys == 0 then return 0, 0 end
  local members = {}
  -- Where nothing has tags, no key needs to be asked.
  local hasTags = #healed('ZRANGEBYLEX', index, '[' .. RECORD, '(' .. TAG, 'LIMIT', 0, 1) > 0
  for _, key in ipairs(hasTags and keys or {}) do
    local record = recordOf(index, key)
    if record then
      members[#members + 1] = record.text
      for _, member in ipairs(tagMembers(key, tagsOf(record))) do members[#members + 1] = member end
    end
  end
  removeMembers(index, members)
  return removeMembers(index, keys), #members
end
