-- Which entries carry which tags.
--
-- - The tags: a sorted set of tags with keys, `<tag>\0<key>`. It is the last page of the index, and no page of keys:
--   its entry in the top begins with the byte 255, where no key's entry is looked for. Without that entry no listed
--   key carries a tag. With the entry and without the set, Redis has thrown it away: nobody knows what carries a tag,
--   and so nothing may be served: the index goes.
-- - The record of an entry, `<prefix>#tags:<key>`: its tags, with a zero byte between them. Without it, the tags still
--   lead to the key: evictions lose nothing.
--
-- Copies in the processes know nothing of tags. Whoever takes a key from a tag tells them to drop the key.
-- include: owned-text
-- include: paged-index
-- include: tag-members

local TAGS_ENTRY = '\255'
local TAGS_MS = 7 * 24 * 3600000

local function tagsEntry(index)
  return healed('ZRANGEBYLEX', index, '[' .. TAGS_ENTRY, '+', 'LIMIT', 0, 1)[1]
end

local function isLost(tags)
  local reply = redis.call('TYPE', tags)
  return (type(reply) == 'table' and reply.ok or reply) ~= 'zset'
end

local function recordNameOf(prefix, key) return prefix .. '#tags:' .. key end

-- Tells all processes to drop their copies of these keys.
local function tellKeys(channel, keys)
  if #keys == 0 then return end
  local selectors = {}
  for nth, key in ipairs(keys) do selectors[nth] = { kind = 'key', key = key } end
  redis.call('PUBLISH', channel, cjson.encode(selectors))
end

local function tellAll(channel) redis.call('PUBLISH', channel, cjson.encode({ { kind = 'glob', glob = '*' } })) end

-- A set that is empty is no set; it must not be taken for one that was lost.
local function forgetIfEmpty(index, entry, removed)
  if removed > 0 and redis.call('EXISTS', pageOf(index, entry)) == 0 then redis.call('ZREM', index, entry) end
end

-- Takes keys from the tags in their records, which go. Returns how many tags that were.
local function untag(index, records, keys)
  local entry = #keys > 0 and tagsEntry(index)
  if not entry then return 0 end
  local members, found = {}, {}
  for nth, text in ipairs(redis.call('MGET', unpack(records))) do
    if type(text) == 'string' then
      found[#found + 1] = records[nth]
      for _, tag in ipairs(tagsIn(text)) do members[#members + 1] = memberOf(tag, keys[nth]) end
    end
  end
  if #found > 0 then redis.call('DEL', unpack(found)) end
  if isLost(pageOf(index, entry)) then return #members end
  forgetIfEmpty(index, entry, removeMembers(pageOf(index, entry), members))
  return #members
end
