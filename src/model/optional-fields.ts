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
