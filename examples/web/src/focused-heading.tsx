import { useEffect, useRef } from 'react'

interface FocusedHeadingProps {
  readonly level: 'h1' | 'h2'
  readonly id?: string
  readonly children: string
}

/** A heading that has the focus at first, so that keyboard and screen reader go on there. Gives it back at the end. */
export function FocusedHeading({ level: Level, id, children }: FocusedHeadingProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    const before = document.activeElement
    heading.current?.focus()
    return () => {
      const isLost = document.activeElement === document.body
      if (isLost && before instanceof HTMLElement) before.focus()
    }
  }, [])
  return (
    <Level id={id} ref={heading} tabIndex={-1}>
      {children}
    </Level>
  )
}
