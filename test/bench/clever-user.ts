/** A user as Clever sends it, as far as the servers beside the gateway read it. */
export interface CleverUser {
  readonly id: string
  readonly email?: string
  readonly name: { readonly first?: string; readonly middle?: string; readonly last?: string }
  readonly roles: {
    readonly student?: object
    readonly contact?: { readonly phone?: string; readonly student_relationships: readonly CleverEntry[] }
  }
}

export interface CleverEntry {
  readonly student: string
  readonly relationship?: string
}

export interface CleverPage {
  readonly data: readonly { readonly data: CleverUser }[]
  readonly links: readonly { readonly rel: string; readonly uri: string }[]
}

export function displayNameOf({ name }: CleverUser): string | undefined {
  const parts = [name.first, name.middle, name.last].filter((part) => part?.trim())
  return parts.length === 0 ? undefined : parts.join(' ').replace(/\s+/gu, ' ').trim()
}

export function emailOf({ email }: CleverUser): string | null {
  return email?.trim() ? email : null
}

export function phoneOf({ roles }: CleverUser): { readonly raw: string } | null {
  return roles.contact?.phone?.trim() ? { raw: roles.contact.phone } : null
}

export function entriesOf({ roles }: CleverUser): readonly CleverEntry[] {
  return roles.contact?.student_relationships ?? []
}

export function relationshipRawOf({ relationship = '' }: CleverEntry): string | null {
  return relationship.trim() || null
}

/** A page of Clever's API. Throws for any status but 200. */
export async function readPage(url: string, token: string, path: string): Promise<CleverPage> {
  const response = await fetch(`${url}/v3.1${path}`, { headers: { authorization: `Bearer ${token}` } })
  if (!response.ok) throw new Error(`${path}: ${response.status}`)
  return (await response.json()) as CleverPage
}

/** All users of one role, past every gateway. */
export async function readAll(
  read: (path: string) => Promise<CleverPage>,
  role: 'student' | 'contact',
): Promise<readonly CleverUser[]> {
  const users: CleverUser[] = []
  let path: string | undefined = `/users?role=${role}&limit=10000`
  while (path !== undefined) {
    const page: CleverPage = await read(path)
    users.push(...page.data.map(({ data }) => data))
    path = page.links.find(({ rel }) => rel === 'next')?.uri.replace('/v3.1', '')
  }
  return users
}
