import type { Fields } from './fields.ts'

/** Fields of a student that Clever's API v3.1 has, and that the gateway keeps only if a setting names them. */
export const OPTIONAL_STUDENT_FIELDS = ['preferredName', 'homeLanguage'] as const
export type OptionalStudentField = (typeof OPTIONAL_STUDENT_FIELDS)[number]
export type KeptFields = ReadonlySet<OptionalStudentField>

export const NO_OPTIONAL_FIELDS: KeptFields = new Set()

export interface OptionalStudentValues {
  readonly preferredName?:
    | {
        readonly first: string | undefined
        readonly middle: string | undefined
        readonly last: string | undefined
      }
    | undefined
  /** Clever's word, such as "Spanish". */
  readonly homeLanguage?: string | undefined
}

/** A field that is not kept is not read, so that it gets into no memory, count or limit. */
export function optionalValues(role: Fields, kept: KeptFields): OptionalStudentValues {
  const preferred = kept.has('preferredName') ? role.object('preferred_name') : undefined
  const preferredName = preferred && {
    first: preferred.text('first'),
    middle: preferred.text('middle'),
    last: preferred.text('last'),
  }
  const hasName =
    preferredName !== undefined && Object.values(preferredName).some((part) => part !== undefined)
  const homeLanguage = kept.has('homeLanguage') ? role.text('home_language') : undefined
  return { ...(hasName && { preferredName }), ...(homeLanguage !== undefined && { homeLanguage }) }
}
