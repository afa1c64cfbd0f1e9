import type { CleverClient } from '../src/clever/client.ts'
import type { DistrictRecord } from '../src/clever/records.ts'
import type { GatewayContext } from '../src/context.ts'
import { mapInTurns } from '../src/in-turns.ts'
import { createTally, type ContactReport as Report } from '../src/quality/report.ts'
import type { DatedReport } from '../src/reports.ts'
import { builder } from './builder.ts'
import { DataWarningCode, warningsFor } from './data-quality.ts'
import { District } from './district.ts'

/**
 * Counts all contacts of a district; undefined unless the principal may see them and all students. Throws what the
 * reader throws.
 */
export async function readReport(
  client: CleverClient,
  { reader, phoneCountry, requiredFields, freshness, now }: GatewayContext,
): Promise<DatedReport | undefined> {
  const everybody = await reader.contactsToReport(client)
  if (everybody === undefined) return undefined
  const tally = createTally(requiredFields)
  for await (const contacts of everybody) {
    const warnings = await mapInTurns(contacts, (contact) => warningsFor(contact, reader, phoneCountry))
    for (const [i, { record }] of contacts.entries()) tally.add(record, warnings[i] ?? [])
  }
  // Also of the students: what else the request was told may make it older than it need be, never younger.
  return { ...tally.report(), asOf: new Date(freshness.oldest()?.since ?? now()).toISOString() }
}

const WarningCount = builder.objectRef<Report['warnings'][number]>('WarningCount').implement({
  description: 'How many contacts have a warning.',
  fields: (t) => ({
    code: t.expose('code', { type: DataWarningCode, description: 'The warning.' }),
    contacts: t.exposeInt('contacts', { description: 'The contacts that have it.' }),
  }),
})

const MissingCount = builder.objectRef<Report['missing'][number]>('MissingCount').implement({
  description: 'How many contacts lack a field that this gateway expects of each.',
  fields: (t) => ({
    field: t.exposeString('field', {
      description: 'The field; of relationships, whether any of them lacks it.',
    }),
    contacts: t.exposeInt('contacts', { description: 'The contacts that lack it.' }),
  }),
})

const ContactReport = builder.objectRef<DatedReport>('ContactReport').implement({
  description: "How good a district's contacts are, in numbers: for the district to mend. Tells of nobody.",
  fields: (t) => ({
    contacts: t.exposeInt('contacts', { description: 'All contacts that the district shares.' }),
    contactsWithWarnings: t.exposeInt('withWarnings', { description: 'Those that have any warning.' }),
    warnings: t.expose('warnings', {
      type: [WarningCount],
      description: 'By warning; those that there are.',
    }),
    missing: t.expose('missing', {
      type: [MissingCount],
      description: 'By field that the operator of the gateway requires.',
    }),
    asOf: t.expose('asOf', { type: 'DateTime', description: 'All of it was so then, or later.' }),
  }),
})

builder.objectField(District, 'contactReport', (t) =>
  t.field({
    type: ContactReport,
    nullable: true,
    description:
      'What is wrong with the contacts, counted. Null unless you may see all of the district. Reads all contacts and students that are not known, at a call for 10,000, and is kept for as long as what is shown may be old. A large district may take longer than a request: ask again.',
    // Counted once for all who ask, so that a list of districts may ask for it.
    complexity: { field: 1_000 },
    resolve: async ({ id }: DistrictRecord, _args, context) => {
      const client = await context.reader.districts.one(id)
      return client && (await context.reader.seesAll()) ? context.contactReport(client) : undefined
    },
  }),
)
