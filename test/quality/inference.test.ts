import { describe, expect, it } from 'vitest'
import { RELATIONSHIP_TYPES, RELATIONSHIPS } from '../../src/model/vocabulary.ts'
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
  const words = {
    PARENT: [
      ...['Mother', 'FATHER', 'Mom', 'mum', 'dad ', 'Parent 2', 'Parent 12', 'Madre', 'padre'],
      ...['Adoptive Mother', 'Adoptive father', 'Adoptive Parent'],
    ],
    GRANDPARENT: ['Grandmother', 'grand-father', 'Grandma', 'Grandpa', 'Abuela', 'Abuelo', 'grand parent'],
    AUNT_UNCLE: ['Aunt', 'Auntie', 'Uncle', 'Uncle/Aunt', 'aunt - uncle', 'Tía', 'Tío'],
    SIBLING: ['Sister', 'Brother', 'sibling', 'Half-brother', 'Half Sister', 'Hermano', 'Hermana'],
    SELF: ['SELF'],
  }

  it.each(Object.entries(words).flatMap(([value, all]) => all.map((word) => [word, value])))(
    '%s is understood in its own field and in that of the type',
    (word, value) => {
      expect(read(word, 'Primary')).toBe(`${value}? PRIMARY`)
      expect(read(undefined, word)).toBe(`${value}? OTHER RELATIONSHIP_IN_WRONG_FIELD`)
    },
  )

  it.each([
    ...['Stepmother', 'Step-father', 'step parent', 'Stepmom', 'Stepdad', 'Madrastra', 'Padrastro'],
    ...['Foster Parent', 'Foster mother', 'foster father'],
  ])('%s is known, and makes nobody a parent', (word) => {
    expect(read(word, 'Primary')).toBe('OTHER? PRIMARY')
    expect(read(undefined, word)).toBe('OTHER? OTHER RELATIONSHIP_IN_WRONG_FIELD')
  })

  it('says nothing of the capacity in which a person is listed', () => {
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
    ['emergency', 'EMERGENCY'],
    ['primary', 'PRIMARY'],
    ['SECONDARY', 'SECONDARY'],
    ['family', 'FAMILY'],
    ['Family Member', 'FAMILY'],
    ['Relative', 'FAMILY'],
    ['Guardian/Parent', 'PARENT_GUARDIAN'],
    ['PARENT/GUARDIAN', 'PARENT_GUARDIAN'],
  ])('%s is understood in its own field and in that of the relationship', (word, value) => {
    expect(read('Sibling', word)).toBe(`SIBLING ${value}?`)
    expect(read(word)).toBe(`OTHER ${value}? UNKNOWN_RELATIONSHIP`)
  })

  it('never says that a person is a parent', () => {
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
    ['2nd mother'],
    ['Parent1Guardian'],
    ['Not a parent'],
    ['Mother (deceased)'],
    ['constructor'],
    ['__proto__'],
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
