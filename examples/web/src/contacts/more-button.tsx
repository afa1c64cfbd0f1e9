import { useEffect, useRef, useState } from 'react'

interface MoreButtonProps {
  /** The end of the pages that are there. */
  readonly after: string
  readonly onMore: () => Promise<{ error?: unknown }>
}

/** Reads the next page when it comes near the screen. If that fails, the next click tries again. */
export function MoreButton({ after, onMore }: MoreButtonProps) {
  const button = useRef<HTMLButtonElement>(null)
  const [state, setState] = useState<'ready' | 'loading' | 'failed'>('ready')

  async function more() {
    if (state === 'loading') return
    setState('loading')
    const hasFailed = await onMore().then(
      ({ error }) => error !== undefined,
      () => true,
    )
    setState(hasFailed ? 'failed' : 'ready')
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: after each page, the button may still be near the screen.
  useEffect(() => {
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) button.current?.click()
      },
      { rootMargin: '300px', scrollMargin: '300px' },
    )
    if (button.current !== null) observer.observe(button.current)
    return () => observer.disconnect()
  }, [after])

  return (
    <button type="button" ref={button} onClick={more}>
      {state === 'loading' && 'Loading …'}
      {state === 'ready' && 'Show more contacts'}
      {state === 'failed' && 'The next contacts could not be read. Try again'}
    </button>
  )
}
