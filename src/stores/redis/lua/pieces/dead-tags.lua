-- Keys under tags whose entries have gone, or carry other tags by now.
-- include: tags

local function carries(record, tag)
  for _, carried in ipairs(tagsIn(record)) do
    if carried == tag then return true end
  end
  return false
end

-- Looks at up to count neighbours among the tags, and takes the dead ones out. Returns how many it looked at, and how
-- many of them were dead.
local function sweepTags(index, prefix, count, channel)
  local entry = tagsEntry(index)
  local tags = entry and pageOf(index, entry)
  if not entry or isLost(tags) then return 0, 0 end
  outlive(tags, TAGS_MS)
  local first = math.random(0, math.max(redis.call('ZCARD', tags) - count, 0))
  local members = redis.call('ZRANGE', tags, first, first + count - 1)
  local dead, keys = {}, {}
  for _, member in ipairs(members) do
    local key = keyOf(member)
    local record = textAt(recordNameOf(prefix, key))
    local isGone = redis.call('EXISTS', prefix .. key) == 0
    if isGone or record and not carries(record, string.match(member, '^%Z*')) then
      dead[#dead + 1] = member
      keys[#keys + 1] = key
    end
  end
  tellKeys(channel, keys)
  forgetIfEmpty(index, entry, removeMembers(tags, dead))
  return #members, #dead
end
