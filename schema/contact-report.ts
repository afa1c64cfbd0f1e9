import { parseDistrictId } from '../src/model/ids.ts'
import type { ContactReport as Report, Requirable } from '../src/quality/report.ts'
import type { DatedReport } from '../src/reports.ts'
import { districtReport } from '../src/view/report.ts'
import { builder } from './builder.ts'
import { ContactDataWarningCode } from './data-quality.ts'
import { District } from './district.ts'

const ContactWarningCount = builder.objectRef<Report['warnings'][number]>('ContactWarningCount').implement({
  description: 'The number of contacts with one warning.',
  fields: (t) => ({
    code: t.expose('code', { type: ContactDataWarningCode, description: 'The warning.' }),
    contactCount: t.exposeInt('contacts', { description: 'The number of contacts that have the warning.' }),
  }),
})

const REPORT_FIELDS = {
  NAME: ['name', 'The name.'],
  EMAIL: ['email', 'The e-mail.'],
  PHONE: ['phone', 'The phone.'],
  SIS_ID: ['sisId', "The id in the district's own system."],
  RELATIONSHIP: ['relationship', 'The relationship, in each relationship entry.'],
  TYPE: ['type', 'The type, in each relationship entry.'],
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
    description: 'The number of contacts without one field that the operator expects.',
    fields: (t) => ({
      field: t.expose('field', {
        type: ContactReportField,
        description:
          'The field. A contact lacks RELATIONSHIP or TYPE if one of its relationship entries lacks it.',
      }),
      contactCount: t.exposeInt('contacts', { description: 'The number of contacts that lack the field.' }),
    }),
  })

const ContactReport = builder.objectRef<DatedReport>('ContactReport').implement({
  description: 'The quality of the contact data of a district, in numbers without personal data.',
  fields: (t) => ({
    contactCount: t.exposeInt('contacts', {
      description: 'The number of contacts that the district shares.',
    }),
    contactsWithWarningsCount: t.exposeInt('withWarnings', {
      description: 'The number of contacts that have at least one warning.',
    }),
    warnings: t.expose('warnings', {
      type: [ContactWarningCount],
      description: 'The number of contacts for each warning that occurs.',
    }),
    missingFields: t.expose('missing', {
      type: [ContactMissingFieldCount],
      description: 'The number of contacts that lack a field, for each field that the operator expects.',
    }),
    asOf: t.expose('asOf', {
      type: 'DateTime',
      description: 'The time at which the oldest record of the report was read.',
    }),
  }),
})

builder.objectField(District, 'contactReport', (t) =>
  t.field({
    type: ContactReport,
    nullable: true,
    description:
      'The quality of the contact data, in numbers. The report is kept for `DISPLAY_MAX_AGE_MS`. In a large district it can take longer than one request: ask again. Null if the viewer may not see every student and contact of the district. Cost: one call for each 10,000 contacts or students that are not in the store.',
    // All requests share one report, so a list of districts may select it.
    complexity: { field: 1_000 },
    resolve: ({ id }, _args, view) => {
      const districtId = parseDistrictId(id)
      return districtId && districtReport(view, districtId)
    },
  }),
)
