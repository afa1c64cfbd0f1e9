import { createHash } from 'node:crypto'
import {
  type DocumentNode,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  type OperationDefinitionNode,
  visit,
} from 'graphql'
import type { OperationSummary } from '../model/request-summary.ts'

/** Words that programmers write in the names of operations, beside those of the schema. */
const PROGRAMMING_WORDS = `
  a add address admin after all an and android any app as at attendance audit back before browse bus by call calls campus
  card check class client clients contact count current daily dashboard data demo detail details dialog directory dismissal
  display edit emergency empty entities entity event events example export family feed fetch filter find first for form
  from full get graph graphql guardian header health home household id import in index info initial introspection ios
  is item items last legacy letter list live load lookup mail main many menu message messaging messages minimal mobile
  modal more my name names navigation new next notification of office on one only open operation or other overview page
  pages paged panel parent parents per phone picker pickup picture poll preview previous print probe profile quick query
  recent recipients refresh report reports resolve result results robocall roll roster row rows schema screen search
  section select service session sidebar sign simple single smoke stream student students subgraph subscribe
  subscription summary switch sync tab table tabs tag task teacher test the their this tile tiles to today toolbar total
  transport tree two type typeahead up update updates user users v view viewer views visitor watch web weekly who widget with
  without`

/** A longer name is cut. Characters */
const MAX_NAME = 64
/** A longer number may be a phone number or an id. Digits */
const MAX_DIGITS = 2
/** The number of digits of a literal that may be in a hash. Page sizes have fewer. */
const MAX_LITERAL_DIGITS = 4

/** Summarizes each operation once, when it is prepared. */
export type SummarizeOperation = (
  document: DocumentNode,
  definition: OperationDefinitionNode,
) => OperationSummary

export function createOperationSummaries(schema: GraphQLSchema): SummarizeOperation {
  const known = wordsOf(schema)
  return (document, { name, operation }) => ({
    name: name && maskName(name.value, known),
    type: operation,
    documentHash: documentHash(document),
  })
}

/**
 * The name of an operation, with `*` in place of each word that neither the schema nor the list of programming words has. A
 * client may write the name of a person or a number into it.
 */
export function maskName(name: string, known: ReadonlySet<string>): string {
  const words = name.slice(0, MAX_NAME).match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|_+/g) ?? []
  let masked = ''
  for (const word of words) {
    // Digits after a masked word may belong to it, as in an id.
    const isRest = masked.endsWith('*') && /^\d/.test(word)
    if (!isRest && isHarmless(word, known)) masked += word
    else if (!masked.endsWith('*')) masked += '*'
  }
  return masked
}

function isHarmless(word: string, known: ReadonlySet<string>): boolean {
  if (word.startsWith('_')) return word.length <= 2
  if (/^\d/.test(word)) return word.length <= MAX_DIGITS
  const lower = word.toLowerCase()
  return known.has(lower) || known.has(lower.replace(/s$/, ''))
}

function wordsOf(schema: GraphQLSchema): ReadonlySet<string> {
  const names = Object.values(schema.getTypeMap()).flatMap((type) => {
    if (isEnumType(type)) return [type.name]
    const hasFields = isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)
    return hasFields ? [type.name, ...Object.keys(type.getFields())] : [type.name]
  })
  const words = names.flatMap((name) => name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? [])
  return new Set([...words.map((word) => word.toLowerCase()), ...PROGRAMMING_WORDS.trim().split(/\s+/)])
}

/**
 * SHA-256 of the document. Texts and long numbers in it are left out first, because a hash of a short secret can be
 * reversed by trying. A document without them has the hash that `sha256sum` prints for it.
 */
export function documentHash(document: DocumentNode): string {
  const text = document.loc?.source.body ?? ''
  const hash = createHash('sha256')
  let position = 0
  const leaveOut = (loc: { readonly start: number; readonly end: number } | undefined) => {
    if (loc === undefined) return
    hash.update(text.slice(position, loc.start))
    position = loc.end
  }
  visit(document, {
    StringValue: ({ loc, value }) => (value === '' ? undefined : leaveOut(loc)),
    IntValue: ({ loc, value }) => (value.length <= MAX_LITERAL_DIGITS ? undefined : leaveOut(loc)),
    FloatValue: ({ loc }) => leaveOut(loc),
  })
  return hash.update(text.slice(position)).digest('hex')
}
