import { type Answer, json, notFound } from './answer.ts'
import type { Ask } from './ask.ts'
import { countAnswer } from './page.ts'

const districtUri = ({ id }: { readonly id: string }) => `/districts/${id}`

/** A district-app token sees only its own district. The list has no pages. */
export function listDistricts(ask: Ask): Answer {
  const { record } = ask.district
  const self = { rel: 'self', uri: ask.path + (ask.search ? `?${ask.search}` : '') }
  const data = [{ data: record, uri: `${ask.version}${districtUri(record)}` }]
  return countAnswer(ask, 1) ?? json({ data, links: [self] }, { kind: 'single' })
}

export function getDistrict(ask: Ask): Answer {
  return ask.id === ask.district.id ? districtAnswer(ask) : notFound
}

/** Seen on the wire: the self link is that of the district even if the request named a user. */
export function districtAnswer({ district: { record }, version }: Ask): Answer {
  return json(
    { data: record, links: [{ rel: 'self', uri: `${version}${districtUri(record)}` }] },
    { kind: 'single' },
  )
}

/** Recorded for users only; for a district-app token this follows the same pattern. */
export function getMe({ district, version }: Ask): Answer {
  const { id } = district
  const links = [
    { rel: 'self', uri: '/me' },
    { rel: 'canonical', uri: `${version}/districts/${id}` },
  ]
  return json({ type: 'district', data: { id, district: id, type: 'district' }, links }, { kind: 'single' })
}
