import type { LiveChanges } from './use-live-changes.ts'

const WORDS = {
  connecting: 'Connecting …',
  live: 'Live',
  off: 'No live changes in this district',
} as const

export function ConnectionState({ connection }: Pick<LiveChanges, 'connection'>) {
  return (
    <p className="connection" data-state={connection} role="status">
      {WORDS[connection]}
    </p>
  )
}
