import { Link } from '../contacts/contact-link.tsx'
import { ConnectionState } from './connection-state.tsx'
import type { LiveChanges, NamedChange } from './use-live-changes.ts'

const FIELDS: Readonly<Record<string, string>> = {
  NAME: 'name',
  EMAIL: 'e-mail',
  PHONE: 'phone',
  RELATIONSHIPS: 'relationships',
}

/** The changes while the page was open. Screen readers read each new line. */
export function ChangeLog({ connection, changes }: Pick<LiveChanges, 'connection' | 'changes'>) {
  return (
    <section className="change-log" aria-labelledby="changes">
      <h2 id="changes">Changes</h2>
      <ConnectionState connection={connection} />
      {changes.length === 0 && <p className="quiet">Changes appear here as they happen.</p>}
      <div role="log" aria-labelledby="changes">
        <ul>
          {changes.map((change) => (
            <li key={change.eventId}>
              <Time of={change.occurredAt} />
              <span>
                <ChangedContact change={change} />
              </span>
            </li>
          ))}
        </ul>
      </div>
    </section>
  )
}

function Time({ of }: { of: string }) {
  return <time dateTime={of}>{new Date(of).toLocaleTimeString(undefined, { timeStyle: 'short' })}</time>
}

function ChangedContact({ change }: { change: NamedChange }) {
  const { kind, contactId, contact, nameBefore, changedFields } = change
  if (kind === 'DELETED') return <>{nameBefore ?? 'A contact'} was removed.</>
  const name = <Link to={contactId}>{contact?.displayName ?? 'A contact'}</Link>
  if (kind === 'CREATED') return <>{name} is new.</>
  if (kind === 'SUCCEEDED') return <>{name} has another id.</>
  const fields = changedFields?.map((field) => FIELDS[field] ?? 'record').join(', ') ?? 'record'
  return (
    <>
      {name}: {fields} changed.
    </>
  )
}
