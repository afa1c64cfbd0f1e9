import { type Privilege, VIEW_STUDENT } from '../access/policy.ts'
import type { UserId } from '../model/ids.ts'
import type { View } from './view.ts'

/** The viewer's privileges for a student. None without VIEW_STUDENT. */
export function ownPrivileges(view: View, studentId: UserId): readonly Privilege[] {
  const { viewer } = view
  const { student } = viewer.access(studentId)
  if (!student.allowed) return []
  view.disclosures.add(studentId, VIEW_STUDENT, student.reason)
  return [...viewer.rules.policy.privileges.keys()].filter(
    (privilege) => viewer.decide(privilege, studentId).allowed,
  )
}
