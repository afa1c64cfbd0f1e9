import { hash } from 'node:crypto'
import type { ServedDistrict } from '../roster/district.ts'
import { type Answer, failure, json } from './answer.ts'
import { credentials, type Incoming } from './ask.ts'

/** The client id and secret of the application. */
export interface AppCredentials {
  readonly clientId: string
  readonly clientSecret: string
}

const scopes = [
  'read:district_admins_basic',
  'read:school_admins_basic',
  'read:student_contacts',
  'read:students_basic',
  'read:teachers_basic',
  'read:user_id',
]

/** GET clever.com/oauth/tokens: the current token of every district that has connected the app, unpaged. */
export function listTokens(
  call: Incoming,
  app: AppCredentials,
  districts: readonly ServedDistrict[],
): Answer {
  const basic = Buffer.from(credentials(call, 'Basic'), 'base64').toString()
  if (basic !== `${app.clientId}:${app.clientSecret}`) return failure(401, 'Invalid client credentials')
  if (call.query.get('owner_type') !== 'district') return failure(400, 'owner_type must be district')
  const wanted = call.query.get('district')
  const data = districts.filter(({ id }) => !wanted || id === wanted).map(tokenRecord)
  return json({ data, links: [{ rel: 'self', uri: `${call.path}?${call.search}` }] }, { kind: 'sign-in' })
}

/** GET clever.com/oauth/tokeninfo */
export function getTokenInfo(
  call: Incoming,
  app: AppCredentials,
  districts: readonly ServedDistrict[],
): Answer {
  const token = credentials(call, 'Bearer')
  if (!districts.some((district) => district.token === token)) return failure(401, 'Invalid token')
  return json({ client_id: app.clientId, scopes }, { kind: 'sign-in' })
}

function tokenRecord({ id, token }: ServedDistrict) {
  return {
    id: hash('sha1', token).slice(0, 24),
    created: '2022-06-23T21:56:32.335Z',
    owner: { type: 'district', id },
    access_token: token,
    scopes,
  }
}
