import { parseDistrictId } from '../src/clever/ids.ts'
import type { ContactReport as Report, Requirable } from '../src/quality/report.ts'
import type { DatedReport } from '../src/reports.ts'
import { districtReport } from '../src/view/report.ts'
import { builder } from './builder.ts'
import { ContactDataWarningCode } from './data-quality.ts'
import { District } from './district.ts'

const ContactWarningCount = builder.objectRef<Report['warnings'][number]>('ContactWarningCount').implement({
  description: 'How many contacts have a warning.',
  fields: (t) => ({
    code: t.expose('code', { type: ContactDataWarningCode, description: 'The warning.' }),
    contactCount: t.exposeInt('contacts', { description: 'The contacts that have it.' }),
  }),
})

const REPORT_FIELDS = {
  NAME: ['name', 'The name.'],
  EMAIL: ['email', 'The e-mail.'],
  PHONE: ['phone', 'The phone.'],
  SIS_ID: ['sisId', 'The id in the system of the district.'],
  RELATIONSHIP: ['relationship', 'The relationship, in each of the relationships.'],
  TYPE: ['type', 'The type, in each of the relationships.'],
} as const satisfies Readonly<Record<string, readonly [Requirable, string]>>

const ContactReportField = builder.enumType('ContactReportField', {
  description: 'A field that the operator of the gateway expects of each contact.',
  values: Object.fromEntries(
    Object.entries(REPORT_FIELDS).map(([name, [value, description]]) => [name, { value, description }]),
  ),
})

const ContactMissingFieldCount = builder
  .objectRef<Report['missing'][number]>('ContactMissingFieldCount')
  .implement({
    description: 'How many contacts lack a field that this gateway expects of each.',
    fields: (t) => ({
      field: t.expose('field', {
        type: ContactReportField,
        description: 'The field; of relationships, whether any of them lacks it.',
      }),
      contactCount: t.exposeInt('contacts', { description: 'The contacts that lack it.' }),
    }),
  })

const ContactReport = builder.objectRef<DatedReport>('ContactReport').implement({
  description: "How good a district's contacts are, in numbers: for the district to mend. Tells of nobody.",
  fields: (t) => ({
    contactCount: t.exposeInt('contacts', { description: 'All contacts that the district shares.' }),
    contactsWithWarningsCount: t.exposeInt('withWarnings', { description: 'Those that have any warning.' }),
    warnings: t.expose('warnings', {
      type: [ContactWarningCount],
      description: 'By warning; those that there are.',
    }),
    missingFields: t.expose('missing', {
      type: [ContactMissingFieldCount],
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
    resolve: ({ id }, _args, view) => {
      const districtId = parseDistrictId(id)
      return districtId && districtReport(view, districtId)
    },
  }),
)
