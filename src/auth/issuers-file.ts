import { z } from 'zod'
import { claimNames } from './claims.ts'
import { ALGORITHMS, usableKeys } from './issuer-keys.ts'

const jwks = z.looseObject({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) })

const issuer = z
  .strictObject({
    issuer: z.string().min(1).describe('The claim iss, exactly as in the tokens.'),
    audience: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1)], 'must be a text or a list of texts')
      .describe('The claim aud, or a list. The claim must have one of the values.'),
    jwks: z
      .union([z.url({ protocol: /^https$/ }), jwks], 'must be an https URL, or an object with a list of keys')
      .describe('The URL of the key set, or the key set itself.'),
    algorithms: z
      .array(z.enum(ALGORITHMS))
      .min(1)
      .default(['RS256', 'ES256', 'EdDSA'])
      .describe('The accepted signature algorithms. EdDSA and Ed25519 are the same algorithm.'),
    claims: z
      .union([z.literal('clever'), claimNames], 'must be "clever", or an object with names of claims')
      .describe("The names of the claims, or clever for the id_tokens of Clever's own sign-in."),
  })
  .refine(({ jwks, algorithms }) => typeof jwks === 'string' || usableKeys(jwks, algorithms).length > 0, {
    path: ['jwks'],
    message: 'none of the keys is a public key for one of the algorithms',
  })

/** AUTH_FILE: the issuers whose tokens are accepted. */
export const issuersFile = z.strictObject({
  $schema: z.string().optional(),
  issuers: z
    .array(issuer)
    .min(1)
    .refine(
      (issuers) => new Set(issuers.map(({ issuer }) => issuer)).size === issuers.length,
      'each issuer once',
    ),
})
export type Issuers = z.infer<typeof issuersFile>['issuers']
