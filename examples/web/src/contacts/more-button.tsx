import { useEffect, useRef, useState } from 'react'

/** Reads the next page when it comes near the screen, and once more at each click if that failed. */
export function MoreButton({ onMore }: { onMore: () => Promise<{ error?: unknown }> }) {
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

  useEffect(() => {
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) button.current?.click()
      },
      { rootMargin: '300px', scrollMargin: '300px' },
    )
    if (button.current !== null) observer.observe(button.current)
    return () => observer.disconnect()
  }, [])

  return (
    <button type="button" ref={button} className="more" onClick={more}>
      {state === 'loading' && 'Loading …'}
      {state === 'ready' && 'Show more contacts'}
      {state === 'failed' && 'The next contacts could not be read. Try again'}
    </button>
  )
}
