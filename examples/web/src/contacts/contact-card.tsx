import { useQuery } from '@apollo/client/react'
import type { KeyboardEvent } from 'react'
import { FocusedHeading } from '../focused-heading.tsx'
import { graphql, type ResultOf } from '../graphql/graphql.ts'
import { closeContact, linkTo } from '../open-contact.ts'
import { Problem } from '../problem.tsx'
import { ContactCardFields } from './contact-fields.ts'
import { RelationshipEntry } from './relationship-entry.tsx'

const ContactById = graphql(
  `
    query ContactById($contactId: ID!, $districtId: ID!) {
      contact(id: $contactId, districtId: $districtId) {
        ...ContactCardFields
      }
    }
  `,
  [ContactCardFields],
)

type Contact = ResultOf<typeof ContactCardFields>

export function ContactCard(variables: { contactId: string; districtId: string }) {
  const { data, error, loading, refetch } = useQuery(ContactById, { variables, errorPolicy: 'all' })
  const contact = data?.contact

  return (
    <article className="card" aria-labelledby="card" aria-busy={loading} onKeyDown={closeAtEscape}>
      <FocusedHeading level="h2" id="card">
        {contact ? (contact.displayName ?? 'No name') : loading ? 'Loading …' : 'No such contact'}
      </FocusedHeading>
      <button type="button" className="close" onClick={closeContact}>
        Close
      </button>
      <Problem error={error} onRetry={refetch} />
      {contact && <Details contact={contact} askedFor={variables.contactId} />}
      {contact === null && !error && <p>The contact is not there, or you may not see it.</p>}
    </article>
  )
}

function Details({ contact, askedFor }: { contact: Contact; askedFor: string }) {
  const { id, email, phone, relationships } = contact
  return (
    <>
      {id !== askedFor && (
        <p className="notice">
          The id of this contact has changed. <a href={linkTo(id)}>Use the new one</a>
        </p>
      )}
      <dl>
        <dt>E-mail</dt>
        <dd>{email ? <EmailLink email={email} /> : 'None that you may see'}</dd>
        <dt>Phone</dt>
        <dd>{phone ? <PhoneLink phone={phone} /> : 'None that you may see'}</dd>
      </dl>
      <h3>Relationships</h3>
      {relationships === null && <p className="problem">They are not known at the moment.</p>}
      <ul className="relationships">
        {relationships?.map((each) => each && <RelationshipEntry key={each.id} entry={each} />)}
      </ul>
    </>
  )
}

function EmailLink({ email: { address, raw } }: { email: NonNullable<Contact['email']> }) {
  return address === null ? raw : <a href={`mailto:${address}`}>{address}</a>
}

function PhoneLink({ phone: { e164, national, raw } }: { phone: NonNullable<Contact['phone']> }) {
  return e164 === null ? raw : <a href={`tel:${e164}`}>{national}</a>
}

function closeAtEscape({ key }: KeyboardEvent) {
  if (key === 'Escape') closeContact()
}
