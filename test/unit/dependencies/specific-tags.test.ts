import { expect } from 'chai'
import { specificTags, tagInWords } from '#src/dependencies/specific-tags.js'

describe('the tags that people are shown', () => {
  it('are the most exact ones', () => {
    const tags = [
      'all-tables',
      'Article*',
      'Article[]',
      'Article#*',
      'Article[status=*,userId=7]',
      'any-table',
    ]
    const shown = (...more: string[]) => specificTags([...tags, ...more])
    expect(shown('Article#7', 'Task[userId=7]', 'author:7')).to.deep.equal([
      'Article#7',
      'Task[userId=7]',
      'author:7',
    ])
    expect(shown()).to.deep.equal(['Article#*', 'Article[status=*,userId=7]'])
    expect(specificTags(['all-tables', 'Article*', 'Article[]'])).to.deep.equal(['Article*', 'Article[]'])
    expect(specificTags(['all-tables', 'any-table'])).to.deep.equal(['all-tables', 'any-table'])
    expect(specificTags([])).to.deep.equal([])
  })

  it('are read as the table, where they are for all of its rows', () => {
    const words = ['Article*', 'audit.Article[]', 'Article#7', 'Article#*', 'Task[a=*,b=1]'].map(tagInWords)
    expect(words).to.deep.equal(['Article', 'audit.Article', 'Article#7', 'Article#*', 'Task[a=*,b=1]'])
  })
})
