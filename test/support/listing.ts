import type { TestGateway } from './gateway.ts'

interface Listed {
  readonly id: string
  readonly last: string
  readonly email?: string
  readonly phone?: string
  readonly legacyId?: string
  readonly entries: readonly { student: string; relationship?: string; type?: string }[]
}

/** As Clever writes a contact. */
export function written({ id, last, email, phone, legacyId, entries }: Listed) {
  return {
    id,
    name: { last },
    ...(email !== undefined && { email }),
    roles: { contact: { phone, legacy_id: legacyId, student_relationships: entries } },
  }
}

/** All of a role that Clever has from now on: in one page, and each by the id. */
export function list(
  { sandbox }: TestGateway,
  role: 'contact' | 'student',
  users: readonly { id: string }[],
) {
  const data = users.map((user) => ({ data: user }))
  sandbox.faults.add({
    path: new RegExp(`/users\\?role=${role}&limit=\\d+$`),
    status: 200,
    body: JSON.stringify({ data, links: [] }),
  })
  for (const user of users)
    sandbox.faults.add({ path: `/users/${user.id}`, status: 200, body: JSON.stringify({ data: user }) })
}
