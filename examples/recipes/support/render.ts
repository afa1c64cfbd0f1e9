import { Window } from 'happy-dom'
import type { ReactNode } from 'react'

/** Puts a component on a page without a browser. */
export async function render(element: ReactNode) {
  const window = new Window()
  // React looks for a page when it is loaded.
  Object.assign(globalThis, { window, document: window.document })
  const { createRoot } = await import('react-dom/client')
  const root = createRoot(window.document.body as unknown as HTMLElement)
  root.render(element)
  return {
    text: () => window.document.body.textContent,
    texts: (selector: string) =>
      [...window.document.querySelectorAll(selector)].map((each) => each.textContent),
    /** False if the button cannot be clicked. */
    click(selector: string) {
      const button = window.document.querySelector(selector) as unknown as HTMLButtonElement | null
      if (button === null || button.disabled) return false
      button.click()
      return true
    },
    async [Symbol.asyncDispose]() {
      root.unmount()
      await window.happyDOM.close()
    },
  }
}
