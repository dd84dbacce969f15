-- Takes keys out of the index by their tags, and leaves marks of these. What it does in one call is bounded: the caller
-- goes on from where it stopped.
--
-- KEYS: index, fences, marks
-- ARGV: how much to do, cursor (empty: begin), 1 if all keys shall go if that is not enough, otherwise 0; then no
--   fences and selectors by tags (see eviction-arguments.lua)
-- Returns the keys that are not listed any more; and if there may be more, how many selectors are done, and the cursor
-- in the next one, otherwise nil twice.
-- include: takes-writes
-- include: shard-tags
-- include: tag-marks
-- include: covered-members

local index, fences, marks = unpack(KEYS)
local left, cursor, beyondBudget = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local FIRST_FENCE = 4
-- One that is found by a tag takes as much as some that are found by keys.
local TAGGED_AT_ONCE, TAGGED_COST = 10, 12

local unlisted = {}

local function unlistTagged(members)
  local keys, groups = {}, {}
  for nth, member in ipairs(members) do
    keys[nth] = keyOf(member)
    groups[nth] = string.match(keys[nth], '^[^:#]*')
    unlisted[#unlisted + 1] = keys[nth]
  end
  local _, tagCount = unlist(index, keys)
  removeMembers(index, members)
  -- What is put without tags takes over those of the entry.
  healed('HDEL', fences, unpack(groups))
  left = left - TAGGED_COST * #keys - tagCount
end

-- Returns, if there may be more, the cursor.
local function evict(selector, from)
  local isOne = selector.kind == 'tag'
  local first = TAG .. selector.start .. (isOne and '\0' or '')
  local last = isOne and '(' .. TAG .. selector.start .. '\1' or endOf(first)
  local after = from ~= '' and '(' .. from or '[' .. first
  local members
  repeat
    members = healed('ZRANGEBYLEX', index, after, last, 'LIMIT', 0, TAGGED_AT_ONCE)
    local covered, behind = coveredMembers(selector, TAG, members)
    if #covered > 0 then unlistTagged(covered) end
    left, after = left - (#members - #covered), '(' .. behind
  until #members < TAGGED_AT_ONCE or left <= 0
  left = left - 1
  return #members == TAGGED_AT_ONCE and string.sub(after, 2)
end

-- Redis refuses a mark for want of memory only where a script writes for the first time.
requireWrites(index)
local selectors = readSelectors(dropFences(fences, FIRST_FENCE))
-- Where all keys may go, no eviction is left for later.
if beyondBudget == '1' then
  for _, selector in ipairs(selectors) do markEvicted(marks, selector) end
end
for nth, selector in ipairs(selectors) do
  if cursor == '' and beyondBudget ~= '1' then markEvicted(marks, selector) end
  local reached = evict(selector, cursor)
  local isOver = reached or left <= 0 and nth < #selectors
  if isOver and beyondBudget == '1' then
    redis.call('UNLINK', index, fences)
    return { unlisted, false, false }
  end
  if reached then return { unlisted, nth - 1, reached } end
  if isOver then return { unlisted, nth, '' } end
  cursor = ''
end
return { unlisted, false, false }
