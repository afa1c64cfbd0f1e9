import type { ReactNode } from 'react'
import { linkTo } from '../open-contact.ts'

/** A link that opens the card of a contact. */
export function Link({ to, isOpen, children }: { to: string; isOpen?: boolean; children: ReactNode }) {
  return (
    <a href={linkTo(to)} aria-current={isOpen}>
      {children}
    </a>
  )
}
