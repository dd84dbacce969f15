import { expect } from 'chai'
import { validateSync } from 'class-validator'
import {
  IsAmount,
  IsCount,
  IsDay,
  IsEmailAddress,
  IsId,
  IsInstant,
  IsNewPassword,
  IsOneOf,
  IsText,
  isId,
  MayBeAbsent,
} from '#demo/http/fields.js'

/** Whether a field with that decorator takes the value. */
function takes(decorator: PropertyDecorator, value: unknown): boolean {
  class Dto {
    field: unknown = value
  }
  decorator(Dto.prototype, 'field')
  return validateSync(new Dto()).length === 0
}

describe('fields of the demo', () => {
  const cases: [name: string, decorator: PropertyDecorator, good: unknown[], bad: unknown[]][] = [
    ['IsText(5)', IsText(5), ['a', 'abcde', ' a '], ['', '   ', 'abcdef', 'a\0', 1, null, undefined, ['a']]],
    ['IsEmailAddress', IsEmailAddress(), ['a@b.example'], ['a', 'a@b', '', 1, null]],
    [
      'IsNewPassword',
      IsNewPassword(),
      ['12345678', 'x'.repeat(72)],
      ['1234567', 'x'.repeat(73), 'é'.repeat(37), 1],
    ],
    ['IsId', IsId(), [1, 2_147_483_647], [0, -1, 1.5, 2_147_483_648, '1', null, Number.NaN]],
    [
      'IsAmount',
      IsAmount(),
      [0, 0.1, 1.25, 9_999_999_999.99],
      [-0.01, 1.234, 10_000_000_000, '1', Number.NaN],
    ],
    [
      'IsInstant',
      IsInstant(),
      ['2026-03-31', '2028-02-29', '2026-03-31T09:00Z', '2026-03-31T09:00:00.5+02:00'],
      [
        '2026-02-30',
        '2027-02-29',
        '2026-W05',
        '2026-03-31T09:00:00',
        '2026-03-31T25:00Z',
        '0000-01-01',
        5,
        null,
      ],
    ],
    [
      'IsDay',
      IsDay(),
      ['2026-03-31'],
      ['2026-3-31', '2026-13-01', '2026-03-31T00:00Z', '', null, ['2026-03-31']],
    ],
    ['IsCount(20)', IsCount(20), ['1', '20'], ['0', '21', '01', '1e1', ' 1', '', 1, ['1'], undefined]],
    ['IsOneOf', IsOneOf(['a', 'b']), ['a', 'b'], ['c', '', null, ['a']]],
  ]
  for (const [name, decorator, good, bad] of cases) {
    it(`${name} takes what is right and nothing else`, () => {
      expect(good.filter((value) => !takes(decorator, value))).to.deep.equal([])
      expect(bad.filter((value) => takes(decorator, value))).to.deep.equal([])
    })
  }

  it('MayBeAbsent takes undefined, but not null', () => {
    const optionalText: PropertyDecorator = (target, key) => {
      MayBeAbsent()(target, key)
      IsText(5)(target, key)
    }
    expect(takes(optionalText, undefined)).to.equal(true)
    expect(takes(optionalText, null)).to.equal(false)
  })

  it('isId knows one spelling per id', () => {
    expect(['1', '42', '2147483647'].filter((text) => !isId(text))).to.deep.equal([])
    expect(['0', '01', '+1', '1.0', '1e1', ' 1', '', 'abc', '2147483648'].filter(isId)).to.deep.equal([])
  })
})
