import type { KeptFields, OptionalStudentValues } from '../model/optional-fields.ts'
import type { Fields } from './fields.ts'

/** A field that is not kept is not read, so it uses no memory and counts nowhere. */
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
