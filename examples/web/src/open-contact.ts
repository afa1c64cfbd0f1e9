import { useSyncExternalStore } from 'react'

/** The contact whose card is open. Its id is in the fragment of the address, which no server sees. */
export function useOpenContact(): string | undefined {
  return useSyncExternalStore(subscribe, openContact)
}

export function linkTo(contactId: string): string {
  return `#${contactId}`
}

/** Keeps no entry in the history: the button Back of the browser closes a card too. */
export function closeContact(): void {
  if (openContact() !== undefined) location.replace('#')
}

function openContact(): string | undefined {
  return location.hash.slice(1) || undefined
}

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener)
  return () => removeEventListener('hashchange', listener)
}
