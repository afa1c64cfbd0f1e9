import { ChangeLog } from '../changes/change-log.tsx'
import { useLiveChanges } from '../changes/use-live-changes.ts'
import { useOpenContact } from '../open-contact.ts'
import type { Session } from '../session/session.ts'
import { ContactCard } from './contact-card.tsx'
import { ContactList } from './contact-list.tsx'

/** The list of contacts, the open card, and the changes as they happen. */
export function District({ session, districtId }: { session: Session; districtId: string }) {
  const { connection, changes, isListOld, onListRead } = useLiveChanges(session, districtId)
  const openId = useOpenContact()
  return (
    <main className="district">
      <ContactList districtId={districtId} openId={openId} isOld={isListOld} onRead={onListRead} />
      <div className="side">
        {openId !== undefined && <ContactCard key={openId} districtId={districtId} contactId={openId} />}
        <ChangeLog connection={connection} changes={changes} />
      </div>
    </main>
  )
}
