/** The gateway: under the origin of the page, unless the page was built with another URL. */
export const GATEWAY_URL = import.meta.env.VITE_GATEWAY_URL ?? '/graphql'
