import { describe, expect, it } from 'vitest'
import { RELATIONSHIP_TYPES, RELATIONSHIPS } from '../../src/clever/vocabulary.ts'
import { inferEntry } from '../../src/quality/inference.ts'
import { entry } from './people.ts'

/** Relationship and type, an inferred one with a question mark, and the problems. */
function read(relationship?: string, type?: string): string {
  const inferred = inferEntry(entry(relationship, type))
  const values = [inferred.relationship, inferred.type].map(
    ({ value, isInferred }) => value + (isInferred ? '?' : ''),
  )
  return [...values, ...inferred.problems].join(' ')
}

describe("Clever's documented words", () => {
  const pairs = Object.entries(RELATIONSHIPS).flatMap(([relationship, is]) =>
    Object.entries(RELATIONSHIP_TYPES).map(([type, as]) => [relationship, type, `${is} ${as}`]),
  )

  it.each(pairs)('%s and %s are understood as they are', (relationship, type, values) => {
    expect(read(relationship, type)).toBe(values)
  })

  it('are not overridden by a word in the other field', () => {
    expect(read('Other', 'Mother')).toBe('OTHER OTHER RELATIONSHIP_IN_WRONG_FIELD')
    expect(read('Grandparent', 'Mother')).toBe('GRANDPARENT OTHER RELATIONSHIP_IN_WRONG_FIELD')
    expect(read('Guardian', 'Emergency')).toBe('OTHER EMERGENCY UNKNOWN_RELATIONSHIP')
  })

  it('are inferred when only case, space and punctuation differ', () => {
    expect(read('PARENT', 'parent / guardian')).toBe('PARENT? PARENT_GUARDIAN?')
    expect(read('Aunt-Uncle', 'other')).toBe('AUNT_UNCLE? OTHER?')
    expect(read('OTHER', 'Emergency')).toBe('OTHER? EMERGENCY')
  })
})

describe('a word for a relationship', () => {
  it.each([
    ['Mother', 'PARENT'],
    ['FATHER', 'PARENT'],
    ['Mom', 'PARENT'],
    ['dad ', 'PARENT'],
    ['Adoptive Mother', 'PARENT'],
    ['Madre', 'PARENT'],
    ['padre', 'PARENT'],
    ['Grandmother', 'GRANDPARENT'],
    ['grand-father', 'GRANDPARENT'],
    ['Abuela', 'GRANDPARENT'],
    ['Aunt', 'AUNT_UNCLE'],
    ['Uncle/Aunt', 'AUNT_UNCLE'],
    ['Tía', 'AUNT_UNCLE'],
    ['Sister', 'SIBLING'],
    ['Half-brother', 'SIBLING'],
    ['Parent 2', 'PARENT'],
  ])('%s is understood in its own field and in that of the type', (word, value) => {
    expect(read(word, 'Primary')).toBe(`${value}? PRIMARY`)
    expect(read(undefined, word)).toBe(`${value}? OTHER RELATIONSHIP_IN_WRONG_FIELD`)
  })

  it.each(['Stepmother', 'Step-father', 'step parent', 'Foster Parent', 'Foster mother', 'Madrastra'])(
    '%s is known, and makes nobody a parent',
    (word) => {
      expect(read(word, 'Primary')).toBe('OTHER? PRIMARY')
      expect(read(undefined, word)).toBe('OTHER? OTHER RELATIONSHIP_IN_WRONG_FIELD')
    },
  )

  it('says nothing of the capacity in which somebody is listed', () => {
    expect(read('Mother')).toBe('PARENT? UNSPECIFIED MISSING_TYPE')
    expect(read('Parent')).toBe('PARENT UNSPECIFIED MISSING_TYPE')
  })

  it('in the place of the type is used once: it makes no Parent/Guardian of a parent', () => {
    expect(read(undefined, 'Parent')).toBe('PARENT? OTHER RELATIONSHIP_IN_WRONG_FIELD')
    expect(read('Parent', 'Parent')).toBe('PARENT OTHER RELATIONSHIP_IN_WRONG_FIELD')
  })

  it('in the place of the type does not replace one that could not be understood', () => {
    expect(read('Nanny', 'Mother')).toBe('OTHER OTHER UNKNOWN_RELATIONSHIP RELATIONSHIP_IN_WRONG_FIELD')
  })

  it('has changed places with the type', () => {
    expect(read('Emergency', 'Aunt')).toBe('AUNT_UNCLE? EMERGENCY? RELATIONSHIP_IN_WRONG_FIELD')
  })
})

describe('a word for a type', () => {
  it.each([
    ['Guardian', 'PARENT_GUARDIAN'],
    ['Legal Guardian', 'PARENT_GUARDIAN'],
    ['Court-appointed guardian', 'PARENT_GUARDIAN'],
    ['Parent or Guardian', 'PARENT_GUARDIAN'],
    ['Guardian 1', 'PARENT_GUARDIAN'],
    ['Emergency Contact', 'EMERGENCY'],
    ['Emergency 3', 'EMERGENCY'],
    ['Contacto de emergencia', 'EMERGENCY'],
    ['PRIMARY CONTACT', 'PRIMARY'],
    ['Secondary contact', 'SECONDARY'],
    ['Relative', 'FAMILY'],
  ])('%s is understood in its own field and in that of the relationship', (word, value) => {
    expect(read('Sibling', word)).toBe(`SIBLING ${value}?`)
    expect(read(word)).toBe(`OTHER ${value}? UNKNOWN_RELATIONSHIP`)
  })

  it('never says that somebody is a parent', () => {
    expect(read('Guardian', 'Guardian')).toBe('OTHER PARENT_GUARDIAN? UNKNOWN_RELATIONSHIP')
    expect(read(undefined, 'Parent/Guardian')).toBe('UNSPECIFIED PARENT_GUARDIAN MISSING_RELATIONSHIP')
    expect(read(undefined, 'Guardian')).toBe('UNSPECIFIED PARENT_GUARDIAN? MISSING_RELATIONSHIP')
  })
})

describe('a word that might mean two things', () => {
  it.each([
    ['Birth mother'],
    ['Biological Father'],
    ['Non-custodial parent'],
    ['Custodial parent'],
    ['Parents'],
    ['Mother and Father'],
    ['Papa'],
    ['Great-grandmother'],
    ['Step-sister'],
    ['Big brother'],
    ['Guardian ad litem'],
    ['Former guardian'],
    ['Primary guardian'],
    ['Tutor'],
    ['Student'],
    ['Neighbor'],
    ['Not a parent'],
    ['Mother (deceased)'],
    ['constructor'],
    ['__proto__'],
    ['-'],
  ])('%s stays OTHER in either field', (word) => {
    expect(read(word, 'Primary')).toBe('OTHER PRIMARY UNKNOWN_RELATIONSHIP')
    expect(read('Parent', word)).toBe('PARENT OTHER UNKNOWN_TYPE')
  })
})

describe('no word', () => {
  it('stays unspecified', () => {
    expect(read()).toBe('UNSPECIFIED UNSPECIFIED MISSING_RELATIONSHIP MISSING_TYPE')
    expect(read('Parent')).toBe('PARENT UNSPECIFIED MISSING_TYPE')
    expect(read(undefined, 'Emergency')).toBe('UNSPECIFIED EMERGENCY MISSING_RELATIONSHIP')
  })
})
