import type { RouterProofs } from './router-trust.ts'
import { stableJson } from './stable-json.ts'

/** The name of the extension, which is the default of Hive Gateway. */
const EXTENSION = 'hmac-signature'
const BASE64_DIGEST = /^[A-Za-z0-9+/]{43}=$/

/**
 * The body without its extensions if the HMAC plugin of Hive Gateway signed it; undefined for any other body. The plugin signs
 * the query and the variables, as JSON with sorted keys, and leaves out variables that are empty. It signs neither the name of the
 * operation nor other extensions, so the extensions are removed. The body is written again from what was verified: a body with a
 * key twice cannot mean something else to a second reader.
 * Source: @graphql-hive/plugin-hmac-upstream-signature, `defaultExecutionRequestSerializer` and `defaultParamsSerializer`.
 */
export function openHiveBody(body: string, proofs: RouterProofs): string | undefined {
  // Most bodies have no such extension, and parsing is the larger cost.
  if (!body.includes(EXTENSION)) return undefined
  const signed = parse(body)
  if (signed === undefined) return undefined
  const { signature, query, operationName, variables } = signed
  const content = stableJson({ query, variables: isEmpty(variables) ? undefined : variables })
  if (content === undefined || !proofs.isHmac(Buffer.from(signature, 'base64'), content)) return undefined
  return JSON.stringify({ query, operationName, variables })
}

interface Signed {
  readonly signature: string
  readonly query: string
  readonly operationName: string | null | undefined
  readonly variables: object | null | undefined
}

function parse(body: string): Signed | undefined {
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch {
    return undefined
  }
  if (!isObject(json)) return undefined
  const { query, operationName, variables, extensions } = json
  const signature = isObject(extensions) ? extensions[EXTENSION] : undefined
  if (typeof signature !== 'string' || !BASE64_DIGEST.test(signature) || typeof query !== 'string')
    return undefined
  if (operationName != null && typeof operationName !== 'string') return undefined
  if (variables != null && !isObject(variables)) return undefined
  return { signature, query, operationName, variables }
}

function isEmpty(variables: object | null | undefined): boolean {
  return variables == null || Object.keys(variables).length === 0
}

function isObject(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}
