import { messageOf } from './graphql/errors.ts'

/** What went wrong, with another try. Nothing without an error. */
export function Problem({ error, onRetry }: { error: unknown; onRetry: () => unknown }) {
  if (error === undefined) return null
  return (
    <p role="alert" className="problem">
      {messageOf(error)}{' '}
      <button type="button" onClick={() => onRetry()}>
        Try again
      </button>
    </p>
  )
}
