-- The intents of writes that are under way: a hash of what each will evict, by the token of the write. It has the time
-- from which on the intent is void, the selectors (see eviction-arguments.lua), and the groups that they touch.
--
-- While an intent stands, nothing is there that it covers: the script that enters it begins to remove all that is
-- there, leases too, and after that no lookup gets a lease, `set` stores nothing and no fence of the groups stands.
-- What it covers by tags is known only to those who store something with tags, so these look at the intents; and the
-- tags of an intent that nobody has ended count as evicted when it is void, for loads that are under way then.
-- include: sorted-sets
-- include: eviction-arguments
-- include: server-time
-- include: tag-marks

-- Enters an intent. groupsAt: where ARGV names the groups whose fences fall.
local function enterIntent(intents, token, lifetimeMs, selectors, groupsAt)
  local count, groups = tonumber(ARGV[groupsAt]), {}
  for nth = 1, count do groups[nth] = ARGV[groupsAt + nth] end
  local text = cmsgpack.pack({ timeMs() + lifetimeMs, selectors, count, groups })
  healed('HSET', intents, token, text)
  local hasTags = false
  for _, selector in ipairs(selectors) do hasTags = hasTags or isByTag(selector) end
  outlive(intents, hasTags and MARKS_MS or lifetimeMs)
end

local function endIntent(intents, token) healed('HDEL', intents, token) end

-- What others may have written there is no intent.
local function readIntent(text)
  local isRead, intent = pcall(cmsgpack.unpack, text)
  if not isRead or type(intent) ~= 'table' then return nil end
  local voidAt, selectors, count, groups = unpack(intent)
  if type(voidAt) ~= 'number' or type(selectors) ~= 'table' then return nil end
  if type(count) ~= 'number' or type(groups) ~= 'table' then return nil end
  for _, selector in ipairs(selectors) do
    if type(selector) ~= 'table' or type(selector.start) ~= 'string' then return nil end
  end
  return { voidAt = voidAt, selectors = selectors, ofAll = count < 0, groups = groups }
end

-- All that stand. What is void goes, and leaves marks of its tags: ask before a moment is noted.
local function standingIntents(intents, marks)
  local fields, standing = healed('HGETALL', intents), {}
  local now = #fields > 0 and timeMs()
  for at = 1, #fields, 2 do
    local intent = readIntent(fields[at + 1])
    if intent and now < intent.voidAt then
      intent.token = fields[at]
      standing[#standing + 1] = intent
    else
      redis.call('HDEL', intents, fields[at])
      for _, selector in ipairs(intent and intent.selectors or {}) do
        if isByTag(selector) then markEvicted(marks, selector) end
      end
    end
  end
  return standing
end

local function covers(selector, key)
  local start = selector.start
  if isSearch(selector) then return string.sub(key, 1, #start) == start and isCovered(selector, key) end
  return key == start or string.sub(key, 1, #start + 1) == start .. '#'
end

-- Whether one of these intents covers a key, so that nothing may be stored under it.
local function isIntended(standing, key)
  for _, intent in ipairs(standing) do
    for _, selector in ipairs(intent.selectors) do
      if not isByTag(selector) and covers(selector, key) then return true end
    end
  end
  return false
end

-- Whether one of these intents, other than one's own, covers one of some tags.
local function isTagIntended(standing, tags, own)
  for _, intent in ipairs(standing) do
    for _, selector in ipairs(intent.token ~= own and intent.selectors or {}) do
      for _, tag in ipairs(isByTag(selector) and tags or {}) do
        if coversTag(selector, tag) then return true end
      end
    end
  end
  return false
end

-- Whether one of these intents, other than one's own, touches a group.
local function touchesGroup(standing, group, own)
  for _, intent in ipairs(standing) do
    if intent.token ~= own and intent.ofAll then return true end
    for _, touched in ipairs(intent.groups) do
      if intent.token ~= own and touched == group then return true end
    end
  end
  return false
end
