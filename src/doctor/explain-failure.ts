import { publicError } from '../../schema/errors.ts'
import type { TokenSource } from '../clever/connect.ts'
import { CleverPathRefused, CleverTokenRefused, CleverUnavailable } from '../model/clever-errors.ts'

/** Where the credentials come from, as the operator set them. */
export type CredentialKind = TokenSource['kind']

const SETTINGS: Readonly<Record<CredentialKind, string>> = {
  client: 'CLEVER_CLIENT_ID and CLEVER_CLIENT_SECRET',
  'single-token': 'CLEVER_TOKEN',
  'district-tokens': 'CLEVER_DISTRICT_TOKENS',
}

/**
 * `CREDENTIALS`: reading the tokens from the settings or from Clever. `DISTRICT`: a call for a district with
 * its token.
 */
export type Phase = 'CREDENTIALS' | 'DISTRICT'

/**
 * A description of the failure and of what to do, with the error code that a query would get. Undefined for
 * an error that is not Clever's. Names hosts and settings, never their values.
 */
export function explainFailure(error: Error, phase: Phase, kind: CredentialKind): string | undefined {
  const known = publicError(error)
  if (known === undefined) return undefined
  return `${causeOf(error, phase, kind) ?? known.message} (${known.extensions.code})`
}

function causeOf(error: Error, phase: Phase, kind: CredentialKind): string | undefined {
  if (error instanceof CleverUnavailable)
    return error.where === undefined
      ? `Clever answered with an outage or not at all: ${error.message}. Try again later`
      : `${error.where} cannot be reached: ${error.message}. Check the name, the network, HTTPS_PROXY and NO_PROXY`
  if (error instanceof CleverPathRefused)
    return `Clever refuses this: ${error.message}. Check what the district shares, and the scopes of the application`
  if (!(error instanceof CleverTokenRefused)) return undefined
  if (error.status !== 401)
    return `${phase === 'CREDENTIALS' && kind === 'client' ? 'The application is known' : 'The token is known'}, but the district does not share with it: the district must authorize the application again, with Secure Sync`
  return phase === 'DISTRICT' && kind === 'client'
    ? 'Clever gave this token and refuses it now: the district has just withdrawn it. Try again later'
    : `Clever does not know ${SETTINGS[kind]}: look for a typing error, or a value that was replaced`
}
