import { describe, expect, it } from 'vitest'
import { SIS_NOTES, type SisNote, sisNotesFor } from '../../src/quality/sis-notes.ts'

function lacks(sisType: string | undefined, grade?: SisNote['grade']) {
  return sisNotesFor(sisType)
    .filter((note) => grade === undefined || note.grade === grade)
    .map((note) => note.lacks)
}

describe("Clever's documented limits of the ways of syncing", () => {
  it('SFTP: at most five contacts for a student', () => {
    expect(lacks('sftp', 'DOCUMENTED')).toContain('MORE_THAN_FIVE_CONTACTS')
  })

  it('SFTP: no custom mappings', () => {
    expect(lacks('sftp', 'DOCUMENTED')).toContain('CUSTOM_MAPPINGS')
  })

  it('SFTP: what Clever documents of automatic syncs does not hold', () => {
    expect(lacks('sftp')).not.toContain('RELATIONSHIP_IN_ITS_FIELD')
  })

  it.each(['powerschool', 'infinitecampus', 'skyward', 'aeries', 'inow', 'tyler'])(
    'automatic sync from %s: the relationship is often missing, or in the type, and there is no phone type',
    (sisType) => {
      expect(lacks(sisType, 'DOCUMENTED')).toEqual(
        expect.arrayContaining(['RELATIONSHIP', 'RELATIONSHIP_IN_ITS_FIELD', 'PHONE_TYPE']),
      )
      expect(lacks(sisType)).not.toContain('MORE_THAN_FIVE_CONTACTS')
    },
  )

  it.each(['Infinite Campus', 'IC OneRoster API', 'Skyward', 'Skyward API'])(
    '%s: the sis_id of contacts is supported, though it may be empty',
    (sisType) => {
      expect(sisNotesFor(sisType).find((note) => note.lacks === 'SIS_ID')?.text).toContain('supported')
    },
  )

  it.each(['powerschool', 'aeries', 'inow', 'tyler', 'illuminate', 'schoolinsight'])(
    '%s: the sis_id of contacts is not supported',
    (sisType) => {
      expect(sisNotesFor(sisType).find((note) => note.lacks === 'SIS_ID')?.text).toContain('not stable')
    },
  )

  it('iNOW: contacts may be missing altogether', () => {
    expect(lacks('iNOW', 'DOCUMENTED')).toContain('EVERY_CONTACT')
  })

  it('Tyler: only emergency and primary contacts', () => {
    expect(lacks('Tyler SIS', 'DOCUMENTED')).toContain('FURTHER_TYPES')
  })

  it('Illuminate: guardians have a phone type', () => {
    expect(lacks('illuminate')).not.toContain('PHONE_TYPE')
  })

  it('PowerSchool: words outside the enum are reported by others, not documented', () => {
    expect(lacks('powerschool', 'ASSUMED')).toContain('DOCUMENTED_WORDS')
  })
})

describe('a way of syncing', () => {
  it('that is unknown is taken for an automatic one, and all of that is assumed', () => {
    expect(lacks('Somebody’s SIS', 'ASSUMED')).toEqual([
      'RELATIONSHIP',
      'RELATIONSHIP_IN_ITS_FIELD',
      'PHONE_TYPE',
      'SIS_ID',
    ])
    expect(lacks('Somebody’s SIS', 'DOCUMENTED')).toEqual(['NORMALIZED_TEXT'])
  })

  it('that is not given has no notes', () => {
    expect(sisNotesFor(undefined)).toEqual([])
    expect(sisNotesFor(' - ')).toEqual([])
  })

  it('has its word to itself', () => {
    const words = Object.values(SIS_NOTES).flatMap(({ sisTypes }): readonly string[] => sisTypes)
    expect(new Set(words).size).toBe(words.length)
  })

  it('has its word in the spelling by which it is looked up', () => {
    for (const { sisTypes, notes } of Object.values(SIS_NOTES))
      for (const sisType of sisTypes) expect(sisNotesFor(sisType)).toEqual(expect.arrayContaining([...notes]))
  })

  it('has a source for every note', () => {
    for (const { notes } of Object.values(SIS_NOTES))
      for (const { source, text } of notes) {
        expect(source).toMatch(/\.com\//)
        expect(text).toMatch(/\.$/)
      }
  })
})
