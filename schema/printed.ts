import type { GraphQLSchema } from 'graphql'
import { z } from 'zod'
import { overridesFile } from '../src/access/overrides.ts'
import { createPolicy, policyFile } from '../src/access/policy.ts'
import { issuersFile } from '../src/auth/issuers-file.ts'
import { documentsFile } from '../src/documents-file.ts'
import { readJsonFile } from '../src/files/json-file.ts'
import {
  DEFAULT_FEDERATION_VERSION,
  type FederationVersion,
  versionWithFences,
} from './federation-version.ts'
import { schema, withFederationVersion, withPrivileges } from './schema.ts'
import { printClientSchema, printFencedSubgraph, printSubgraph } from './sdl.ts'

/**
 * The printed files by name: the contract in three forms, and JSON schemas of the files that settings name,
 * for editors. The privileges are those of a policy file, if there is one. The fenced form names at least
 * the first version that has its directives. Throws JsonFileError.
 */
export async function printedFiles(
  policyPath?: string,
  version: FederationVersion = DEFAULT_FEDERATION_VERSION,
): Promise<Readonly<Record<string, string>>> {
  const contract = await contractOf(policyPath)
  return {
    'schema.graphql': printSubgraph(withFederationVersion(contract, version)),
    'schema.fenced.graphql': printFencedSubgraph(withFederationVersion(contract, versionWithFences(version))),
    'schema.client.graphql': printClientSchema(contract),
    'policy.schema.json': jsonSchema(policyFile),
    'overrides.schema.json': jsonSchema(overridesFile),
    'issuers.schema.json': jsonSchema(issuersFile),
    'documents.schema.json': jsonSchema(documentsFile),
  }
}

async function contractOf(policyPath: string | undefined): Promise<GraphQLSchema> {
  if (policyPath === undefined || policyPath === '') return schema
  return withPrivileges(schema, createPolicy(await readJsonFile(policyPath, policyFile)))
}

function jsonSchema(file: z.ZodType): string {
  // The gateway checks the rest at start, such as the form of an id.
  return `${JSON.stringify(z.toJSONSchema(file, { io: 'input', unrepresentable: 'any' }), null, 2)}\n`
}
