-- Removes values and leases, and lets fences fall. What it does in one call is bounded: the caller goes on from where
-- it stopped.
--
-- KEYS: index, fences, marks, intents
-- ARGV: the store's prefix, channel of lease ends, channel of evictions, invalidation message (empty: there is none),
--   how many keys to look at, cursor (empty: begin), what to publish if it looks at all of them and all keys shall go
--   then (empty: they shall not), token of the intent that this begins or ends (empty: none), life of the intent in ms
--   (empty: it ends); then fences and selectors (see eviction-arguments.lua)
-- Returns how many values were removed; if there may be more, how many selectors are done, and the cursor in the next
-- one, otherwise nil twice; and the keys that were removed by their tags, or `*` if all were. What enters the index
-- meanwhile before the cursor belongs to readers who began to load after the eviction had begun.
-- include: foreign-types
-- include: takes-writes
-- include: owned-text
-- include: leases
-- include: paged-index
-- include: lease-names
-- include: covered-members
-- include: intents
-- include: tag-marks
-- include: tags

local index, fences, marks, intents = unpack(KEYS)
local prefix, leaseChannel, evictionChannel, invalidation, budget, cursor, beyondBudget, intent, intentMs = unpack(ARGV)
local FIRST_FENCE = 10
-- An entry may have many tags, each of which is a step. One that is found by a tag takes as much as some that are found
-- page by page.
local TAGGED_AT_ONCE, TAGGED_COST = 10, 12

-- Removes values and leases, wherever their keys are listed. Returns how many values there were, and how many tags.
local function remove(keys)
  if #keys == 0 then return 0, 0 end
  local values, leases, records, standing = {}, {}, {}, {}
  for nth, key in ipairs(keys) do
    local name = prefix .. key
    if not foreignTypeAt(name) then values[#values + 1] = name end
    leases[nth] = leaseNameOf(prefix, key)
    records[nth] = recordNameOf(prefix, key)
  end
  for nth, text in ipairs(redis.call('MGET', unpack(leases))) do
    if type(text) == 'string' then
      publishEnd(text, leaseChannel, ENDED)
      standing[#standing + 1] = leases[nth]
    end
  end
  if #standing > 0 then redis.call('DEL', unpack(standing)) end
  local tagCount = untag(index, records, keys)
  return #values > 0 and redis.call('DEL', unpack(values)) or 0, tagCount
end

-- Removes what a selector finds by keys. Returns how many values there were, how much of the budget is left and, if
-- there may be more, the cursor.
local function removeListed(selector, from, left)
  local removed = 0
  if selector.kind == 'key' and from == '' then
    removed = remove({ selector.start })
    unlistKey(index, selector.start)
  end
  local pages, leftThen, reached = listedFrom(index, startOf(selector), from, left)
  local tagCount = 0
  for nth, page in ipairs(pages) do
    local covered = coveredOf(selector, page.keys)
    local values, tags = remove(covered)
    removed, tagCount = removed + values, tagCount + tags
    unlist(index, page.entry, covered)
    if selector.kind == 'naming' and namesOneOf(page.entry, selector.pieces) then beginAnew(index, page.entry) end
    if tagCount > left and nth < #pages then return removed, 0, page.keys[#page.keys] end
  end
  return removed, leftThen, reached
end

local byTag = {}

-- The same of what a selector finds by tags.
local function removeTagged(selector, from, left)
  local isOne = selector.kind == 'tag'
  local first = isOne and selector.start .. '\0' or selector.start
  local last = isOne and '(' .. selector.start .. '\1' or endOf(selector.start)
  -- Redis refuses a mark for want of memory only where a script writes for the first time.
  requireWrites(index)
  if from == '' then markEvicted(marks, selector) end

  local entry = tagsEntry(index)
  local tags = entry and pageOf(index, entry)
  if not entry or isLost(tags) then
    if entry then redis.call('UNLINK', index, fences) end
    tellAll(evictionChannel)
    byTag = '*'
    return 0, left
  end

  local removed, found, members = 0, 0
  local after = from ~= '' and '(' .. from or '[' .. first
  repeat
    members = redis.call('ZRANGEBYLEX', tags, after, last, 'LIMIT', 0, TAGGED_AT_ONCE)
    local covered, behind = coveredMembers(selector, '', members)
    local keys, groups = {}, {}
    after = '(' .. behind
    for nth, member in ipairs(covered) do
      keys[nth] = keyOf(member)
      groups[nth] = string.match(keys[nth], '^[^:#]*')
      if byTag ~= '*' then byTag[#byTag + 1] = keys[nth] end
    end
    found, left = found + #covered, left - (#members - #covered)
    if #keys > 0 then
      tellKeys(evictionChannel, keys)
      local values, tagCount = remove(keys)
      removeMembers(tags, covered)
      for _, key in ipairs(keys) do unlistKey(index, key) end
      -- What is put without tags takes over those of the entry.
      healed('HDEL', fences, unpack(groups))
      removed, left = removed + values, left - TAGGED_COST * #keys - tagCount
    end
  until #members < TAGGED_AT_ONCE or left <= 0
  forgetIfEmpty(index, entry, found)
  local mayBeMore = left <= 0 and #members == TAGGED_AT_ONCE
  return removed, math.max(left, 1), mayBeMore and string.sub(after, 2)
end

-- Each batch sends the message anew, since a process may read a value of a later batch before that batch removes it.
if invalidation ~= '' then redis.call('PUBLISH', evictionChannel, invalidation) end
local selectors = readSelectors(dropFences(fences, FIRST_FENCE))
if intentMs ~= '' then enterIntent(intents, intent, tonumber(intentMs), selectors, FIRST_FENCE) end
if intent ~= '' and intentMs == '' then endIntent(intents, intent) end

local removed, left = 0, tonumber(budget)
for nth, selector in ipairs(selectors) do
  local removeThese = isByTag(selector) and removeTagged or removeListed
  local values, leftThen, reached = removeThese(selector, cursor, left)
  removed = removed + values
  if reached and beyondBudget ~= '' then
    redis.call('UNLINK', index, fences)
    redis.call('PUBLISH', evictionChannel, beyondBudget)
    return { removed, false, false, byTag }
  end
  if reached then return { removed, nth - 1, reached, byTag } end
  left, cursor = leftThen, ''
end
return { removed, false, false, byTag }
