import type { User } from '../../src/sandbox/roster/records.ts'
import type { SandboxControl } from './clever.ts'
import { Truth } from './truth.ts'

export interface RosterDistrict {
  readonly id: string
  readonly studentIds: readonly string[]
  /** Also the new ids of contacts whose id changed. */
  readonly contactIds: string[]
  readonly adminId: string
}

/** All people of the sandbox, and what is true of them. */
export interface Roster {
  /** Its families are followed in detail. */
  readonly main: RosterDistrict
  /** Withdraws its consent, and returns. */
  readonly withdrawing: RosterDistrict
  /** Is asked for more than its window allows. */
  readonly busy: RosterDistrict
  readonly truth: Truth
  /** By district. */
  readonly tokens: Map<string, string>
  /** Names, e-mails and phones that no log may show. */
  readonly secrets: Set<string>
}

/** Reads all districts from the API of the sandbox, with three calls for each. */
export async function loadRoster(control: SandboxControl, tokens: Map<string, string>): Promise<Roster> {
  const truth = new Truth()
  const secrets = new Set<string>()
  const districts: RosterDistrict[] = []
  for (const [id, token] of tokens) {
    const [students, contacts, admins] = await Promise.all(
      ['student', 'contact', 'district_admin'].map((role) => control.users(token, role)),
    )
    for (const user of [...(students ?? []), ...(contacts ?? [])]) truth.setDistrict(user.id, id)
    for (const user of [students, contacts, admins].flatMap((users) => users ?? [])) addSecrets(user, secrets)
    for (const contact of contacts ?? [])
      for (const entry of contact.roles.contact?.student_relationships ?? []) {
        truth.begin(contact.id, entry.student, entry, Number.NEGATIVE_INFINITY)
        truth.setDistrict(entry.student, id)
      }
    const idsOf = (users: readonly User[] = []) => users.map((user) => user.id)
    districts.push({
      id,
      studentIds: idsOf(students),
      contactIds: idsOf(contacts),
      adminId: admins?.[0]?.id ?? '',
    })
    secrets.add(token)
  }
  const [main, withdrawing, busy] = districts
  if (main === undefined || withdrawing === undefined || busy === undefined)
    throw new Error('the sandbox has fewer than three districts')
  return { main, withdrawing, busy, truth, tokens, secrets }
}

function addSecrets({ name, email, roles }: User, secrets: Set<string>) {
  for (const text of [email, roles.contact?.phone, [name.first, name.last].filter(Boolean).join(' ')])
    if (text !== undefined && text.trim().length >= 6) secrets.add(text.trim())
}

/** Contacts whose entries let them see a student, with as many students as they have. */
export function guardiansOf({ main, truth }: Roster, count: number): readonly string[] {
  const now = { from: Date.now(), until: Date.now() }
  const able = main.contactIds.filter((id) =>
    truth.studentsOf(id, now).some((studentId) => truth.maySeeStudent(id, studentId, now)),
  )
  const step = Math.max(1, Math.floor(able.length / count))
  return able.filter((_id, index) => index % step === 0).slice(0, count)
}
