import { fileURLToPath } from 'node:url'
import type { InlineConfig } from 'vite'
import type { Gateway } from './gateway.ts'
import { sandboxSignIn } from './sign-in.ts'

export interface PageOptions {
  readonly gateway: Gateway
  /** 0 lets the system choose. */
  readonly port: number
  /** The lifetime of each token. */
  readonly tokenSeconds: number
  /** The folder of the built page. */
  readonly outDir?: string
}

/** How Vite serves the page. Requests to /graphql go on to the gateway, so that the page has one origin. */
export function pageConfig({ gateway, port, tokenSeconds, outDir = 'dist' }: PageOptions): InlineConfig {
  const serving = {
    host: 'localhost',
    port,
    strictPort: true,
    proxy: { '/graphql': { target: gateway.url, changeOrigin: true } },
  }
  return {
    root: fileURLToPath(new URL('..', import.meta.url)),
    logLevel: 'warn',
    plugins: [sandboxSignIn({ sandboxUrl: gateway.sandboxUrl, seconds: tokenSeconds })],
    build: { outDir },
    server: serving,
    preview: serving,
  }
}
