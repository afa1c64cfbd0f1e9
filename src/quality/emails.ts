import { normalizeText } from './names.ts'

export interface ReadEmail {
  readonly raw: string | undefined
  /** The address to send mail to, in lower case. Only set if it is valid. */
  readonly address: string | undefined
  /** Whether the text is one address. Neither Clever (§2.7) nor the gateway verifies that mail arrives. */
  readonly isValid: boolean
}

/** Characters, of RFC 5321 §4.5.3.1 and RFC 1035 §2.3.4, which count octets: more lenient beyond ASCII. */
const MAX_LENGTHS = { address: 254, local: 64, label: 63 }

/**
 * RFC 5322 §3.2.3, with the letters beyond ASCII of RFC 6531. A quoted local part counts as invalid, because
 * it is not used.
 */
const LOCAL = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~.-]+$/u
const LABEL = /^[\p{L}\p{M}\p{N}-]+$/u

/**
 * Understands `mailto:`, `Name <a@b>` and a separator left at the end. Several addresses are invalid, because
 * choosing one would be a guess. It applies no rules of mail providers: dots, tags and international domains
 * stay. Never throws.
 */
export function readEmail(raw: string | undefined): ReadEmail {
  const address = addressIn(raw)
  const isValid = address !== undefined && isAddress(address)
  return { raw, address: isValid ? address : undefined, isValid }
}

/** The number of characters that are searched for addresses. */
const MAX_LIST_LENGTH = 2_000

/**
 * Every valid address in a field, in lower case: in a list, in mailboxes with names, in links, and beside a
 * remark. For comparing and finding. Never throws.
 */
export function addressesIn(raw: string | undefined): ReadonlySet<string> {
  const only = readEmail(raw).address
  if (only !== undefined) return new Set([only])
  const text = normalizeText(raw?.slice(0, MAX_LIST_LENGTH).normalize('NFKC'))?.toLowerCase() ?? ''
  const found = text
    .split(/[\s<>;,|()"[\]]+/)
    .map((part) =>
      part
        .replace(/^(?:[^@]*:)/, '')
        .replace(/\?.*$/, '')
        .replace(/^'|[.:']+$/g, ''),
    )
    // A slash may be inside an address or between two.
    .flatMap((part) => (isAddress(part) ? [part] : part.split('/')))
  return new Set(found.filter(isAddress))
}

function addressIn(raw: string | undefined): string | undefined {
  const text = normalizeText(raw)
  const inBrackets = text?.match(/^[^<>]*<([^<>]*)>$/)?.[1] ?? text
  const withoutScheme = inBrackets?.replace(/^\s*mailto:([^?]*).*$/i, '$1')
  const [first, ...others] = (withoutScheme ?? '').split(/[;,]/).filter((part) => part.trim() !== '')
  return others.length === 0 ? normalizeText(first?.toLowerCase()) : undefined
}

function isAddress(address: string): boolean {
  if (address.length > MAX_LENGTHS.address) return false
  const [local = '', domain = '', ...others] = address.split('@')
  return others.length === 0 && isLocal(local) && isDomain(domain)
}

function isLocal(local: string): boolean {
  const isDotted = local.split('.').every((part) => part !== '')
  return local.length <= MAX_LENGTHS.local && isDotted && LOCAL.test(local)
}

/**
 * A domain of at least two labels, the last of which is not a number, because mail domains are not IP
 * addresses.
 */
function isDomain(domain: string): boolean {
  const labels = domain.split('.')
  return labels.length > 1 && labels.every(isLabel) && !/^\d+$/.test(labels.at(-1) ?? '')
}

function isLabel(label: string): boolean {
  return (
    label.length <= MAX_LENGTHS.label && LABEL.test(label) && !label.startsWith('-') && !label.endsWith('-')
  )
}
