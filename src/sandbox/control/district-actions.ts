import type { SandboxDistrict } from '../roster/district.ts'
import type { StudentRelationship } from '../roster/records.ts'
import { type Fields, optionalText, requiredShare, requiredText, requiredWord } from './input.ts'

type DistrictAction = (district: SandboxDistrict, fields: Fields) => unknown

/** The actions on a district, by the last part of the path. Each throws BadInputError for a missing field. */
export const districtActions: Readonly<Record<string, DistrictAction>> = {
  'end-relationship': (district, f) => district.endRelationship(contact(f), student(f)),
  'add-relationship': (district, f) => district.addRelationship(contact(f), entry(f)),
  'correct-email': (district, f) => ({ id: district.correctEmail(contact(f), requiredText(f, 'email')) }),
  'assign-sis-id': (district, f) => ({ id: district.assignSisId(contact(f), requiredText(f, 'sisId')) }),
  'remove-contact': (district, f) => district.removeContact(contact(f)),
  'change-contacts': (district, f) => ({ changed: district.changeContacts(requiredShare(f, 'share')) }),
  'remove-contacts': (district, f) => ({ removed: district.removeContacts(requiredShare(f, 'share')) }),
  'unshare-student': (district, f) => district.unshareStudent(student(f)),
  'share-student': (district, f) => district.shareStudent(student(f)),
  'edit-record': (district, f) => district.editRecord(f),
  'rotate-token': (district) => ({ token: district.rotateToken() }),
  'set-events': (district, f) => district.setEvents(requiredWord(f, 'state', ['on', 'off'])),
  sync: (district) => district.sync(),
}

const contact = (fields: Fields) => requiredText(fields, 'contactId')
const student = (fields: Fields) => requiredText(fields, 'studentId')

function entry(fields: Fields): StudentRelationship {
  const relationship = optionalText(fields, 'relationship')
  const type = optionalText(fields, 'type')
  return {
    ...(relationship === undefined ? {} : { relationship }),
    student: student(fields),
    ...(type === undefined ? {} : { type }),
  }
}
