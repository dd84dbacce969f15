-- Which of the members that are found under its start a selector by tags covers.
-- include: tag-members
-- include: eviction-arguments

-- mark: what members begin with, beside the tag. Returns those that are covered, and behind what to go on.
local function coveredMembers(selector, mark, members)
  local last = members[#members] or ''
  if selector.kind ~= 'tags-naming' or last == '' then return members, last end
  local covered, tag, isNaming = {}, nil, false
  for _, member in ipairs(members) do
    local ofMember = string.match(member, '^%Z*', #mark + 1)
    if ofMember ~= tag then isNaming = coversTag(selector, ofMember) end
    tag = ofMember
    if isNaming then covered[#covered + 1] = member end
  end
  -- The others of a tag that names nobody need no look.
  return covered, isNaming and last or mark .. tag .. '\1'
end
