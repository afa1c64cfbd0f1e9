import { expect, test } from 'vitest'
import { ask, askSandbox, documented, firstDistrict, ids } from './ask-clever.ts'

test('an ended relationship is gone from both ends at once', async () => {
  const { get, sandbox } = await askSandbox()
  firstDistrict(sandbox).endRelationship(documented.uncle, documented.son)
  expect(ids(await get(`/v3.0/users/${documented.son}/mycontacts`))).not.toContain(documented.uncle)
  expect(ids(await get(`/v3.0/users/${documented.uncle}/mystudents`))).toEqual([
    documented.niece,
    documented.nephew,
  ])
})

test('a contact whose last relationship ends is no contact any more', async () => {
  const { get, sandbox } = await askSandbox()
  const district = firstDistrict(sandbox)
  for (const student of [documented.niece, documented.nephew, documented.son]) {
    district.endRelationship(documented.uncle, student)
  }
  expect((await get(`/v3.0/users/${documented.uncle}`)).status).toBe(404)
  expect(district.contacts).not.toContain(documented.uncle)
})

test('an added relationship shows in the order it was added', async () => {
  const { get, sandbox } = await askSandbox()
  const district = firstDistrict(sandbox)
  const [student = ''] = district.students
  district.addRelationship(documented.uncle, { relationship: 'Guardian', student, type: 'Emergency' })
  const { roles } = district.roster.user(documented.uncle) ?? {}
  expect(roles?.contact?.student_relationships.at(-1)).toEqual({
    relationship: 'Guardian',
    student,
    type: 'Emergency',
  })
  expect(ids(await get(`/v3.0/users/${student}/mycontacts`))).toContain(documented.uncle)
})

test('a contact without SIS id gets the id of its new name and e-mail, the same in every sandbox', async () => {
  const { get, sandbox } = await askSandbox()
  const { sandbox: other } = await askSandbox({ seed: 2 })
  const id = firstDistrict(sandbox).correctEmail(documented.uncle, 'a.collins@example.org')
  expect(id).not.toBe(documented.uncle)
  expect(firstDistrict(other).correctEmail(documented.uncle, 'a.collins@example.org')).toBe(id)
  expect((await get(`/v3.0/users/${documented.uncle}`)).status).toBe(404)
  expect(ids(await get(`/v3.0/users/${id}/mystudents`))).toContain(documented.son)
})

test('a contact with a SIS id keeps its id whatever its e-mail, and gets one when the SIS id arrives', async () => {
  const { sandbox } = await askSandbox()
  const district = firstDistrict(sandbox)
  const id = district.assignSisId(documented.uncle, 'C100')
  expect(id).not.toBe(documented.uncle)
  expect(district.correctEmail(id, 'a.collins@example.org')).toBe(id)
  expect(district.roster.user(id)?.email).toBe('a.collins@example.org')
})

test('two contacts that turn out to have one SIS id become one, with the entries of both', async () => {
  const { sandbox } = await askSandbox()
  const district = firstDistrict(sandbox)
  const aunt = district.contacts.find((id) => district.roster.user(id)?.name.last === 'Simone Collins') ?? ''
  const id = district.assignSisId(documented.uncle, 'C100')
  const before = district.contacts.length
  expect(district.assignSisId(aunt, 'C100')).toBe(id)
  expect(district.contacts).toHaveLength(before - 1)
  expect(district.roster.user(id)?.roles.contact?.student_relationships).toHaveLength(4)
})

test('an unshared student is 404 while contacts go on naming it', async () => {
  const { get, sandbox } = await askSandbox()
  const district = firstDistrict(sandbox)
  const created = district.roster.user(documented.niece)?.created
  district.unshareStudent(documented.niece)
  expect((await get(`/v3.0/users/${documented.niece}`)).status).toBe(404)
  expect((await get(`/v3.0/users/${documented.niece}/mycontacts`)).status).toBe(404)
  expect(district.unsharedStudents).toContain(documented.niece)
  expect((await get(`/v3.0/users/${documented.uncle}`)).text).toContain(documented.niece)
  district.shareStudent(documented.niece)
  expect(ids(await get(`/v3.0/users/${documented.uncle}/mystudents`))).toContain(documented.niece)
  expect(district.roster.user(documented.niece)?.created).toBe(created)
})

test('a rotated token is refused, and clever.com/oauth returns the new one', async () => {
  const { get, sandbox } = await askSandbox({ districts: 2 })
  const district = firstDistrict(sandbox)
  const old = district.token
  const fresh = district.rotateToken()
  expect((await get('/v3.0/users', old)).status).toBe(401)
  expect((await get('/v3.0/users', fresh)).status).toBe(200)
  const basic = `Basic ${btoa(`${sandbox.clientId}:${sandbox.clientSecret}`)}`
  const tokens = await ask(sandbox, `/oauth/tokens?owner_type=district&district=${district.id}`, basic)
  expect(tokens.body.data).toMatchObject([
    { owner: { type: 'district', id: district.id }, access_token: fresh },
  ])
  const everyone = await ask(sandbox, '/oauth/tokens?owner_type=district', basic)
  expect(everyone.body.data).toHaveLength(2)
  expect((await ask(sandbox, '/oauth/tokens?owner_type=district', 'Basic bm86bm8=')).status).toBe(401)
  expect((await get('/oauth/tokeninfo')).text).toContain('read:student_contacts')
})

test('a district record can tell that its sync is held', async () => {
  const { get, sandbox } = await askSandbox()
  firstDistrict(sandbox).editRecord({ state: 'paused', pause_end: '2026-08-01T00:00:00.000Z' })
  expect((await get(`/v3.0/districts/${documented.district}`)).body.data).toMatchObject({ state: 'paused' })
})

test('an id that is not of the district is an error that says so', async () => {
  const { sandbox } = await askSandbox()
  const district = firstDistrict(sandbox)
  expect(() => district.removeContact(documented.son)).toThrow(`no contact ${documented.son}`)
  expect(() => district.shareStudent(documented.son)).toThrow(`no unshared student ${documented.son}`)
})
