import type { Range, Role } from './ranges.ts'

export type PageRange<R extends Role> = Range & { readonly role: R }
