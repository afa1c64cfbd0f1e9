import type { ResultOf } from '../graphql/graphql.ts'
import type { ContactRowFields } from './contact-fields.ts'
import { Link } from './contact-link.tsx'
import { relationshipText } from './words.ts'

interface ContactRowProps {
  readonly contact: ResultOf<typeof ContactRowFields>
  readonly isOpen: boolean
}

export function ContactRow({ contact: { id, displayName, relationships }, isOpen }: ContactRowProps) {
  const texts = relationships?.flatMap((each) => (each === null ? [] : relationshipText(each))) ?? []
  return (
    <li>
      <Link to={id} isOpen={isOpen}>
        <strong>{displayName ?? 'No name'}</strong>
        <span>{[...new Set(texts)].join(' · ')}</span>
      </Link>
    </li>
  )
}
