-- Gives an entry its tags.
-- include: tags

-- Makes a key carry these tags and no others, with a record that lives as long as its value. Returns nothing, if the
-- tags were lost: then the index is gone, and with it the right to store.
local function retag(index, record, key, tags, lifetimeMs, channel)
  local entry = tagsEntry(index)
  local name = entry and pageOf(index, entry)
  if entry and isLost(name) then
    redis.call('UNLINK', index)
    tellAll(channel)
    return
  end
  -- First what may be refused for want of memory.
  if #tags > 0 and not entry then
    entry = newEntry(index, TAGS_ENTRY)
    name = pageOf(index, entry)
    -- Keys may have carried tags in an index that was lost, and copies of them still be there.
    tellAll(channel)
  end
  local carried, members = {}, {}
  for nth, tag in ipairs(tags) do
    carried[tag] = true
    members[2 * nth - 1], members[2 * nth] = 0, memberOf(tag, key)
  end
  if #members > 0 then redis.call('ZADD', name, unpack(members)) end

  local dropped = {}
  for _, tag in ipairs(tagsIn(textAt(record))) do
    if not carried[tag] then dropped[#dropped + 1] = memberOf(tag, key) end
  end
  redis.call('SET', record, table.concat(tags, '\0'), 'PX', lifetimeMs)
  if entry then
    forgetIfEmpty(index, entry, removeMembers(name, dropped))
    outlive(name, math.max(lifetimeMs, TAGS_MS))
  end
  if #dropped > 0 then tellKeys(channel, { key }) end
  return true
end
