import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

/** The origin of the gateway, if the page is not served under the same one. */
const gatewayOrigin = process.env.VITE_GATEWAY_URL && new URL(process.env.VITE_GATEWAY_URL).origin

const POLICY = [
  `default-src 'none'`,
  `script-src 'self'`,
  `style-src 'self'`,
  `img-src 'self'`,
  `connect-src 'self' ${gatewayOrigin ?? ''}`.trim(),
  `base-uri 'none'`,
  `form-action 'none'`,
  `require-trusted-types-for 'script'`,
  `trusted-types 'none'`,
].join('; ')

/** Puts the policy into the built page. In development, Vite needs inline scripts. */
function contentSecurityPolicy(): Plugin {
  const attrs = { 'http-equiv': 'Content-Security-Policy', content: POLICY }
  return {
    name: 'content-security-policy',
    apply: 'build',
    transformIndexHtml: () => [{ tag: 'meta', attrs, injectTo: 'head-prepend' }],
  }
}

export default defineConfig({
  plugins: [react(), contentSecurityPolicy()],
  build: { modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
})
