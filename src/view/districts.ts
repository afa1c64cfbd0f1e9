import type { District } from '../districts.ts'
import type { DistrictId } from '../model/ids.ts'
import type { DistrictRecord } from '../model/records.ts'
import type { View } from './view.ts'

/**
 * The districts of the viewer. For a guardian these are the districts of the guardian's own contacts, even if
 * the token names none.
 */
export function viewerDistricts(view: View): readonly District[] {
  const districts = view.districts()
  if (view.request.context.principal.kind !== 'GUARDIAN') return districts
  const ids = new Set(view.viewer.facts?.contacts.map(({ districtId }) => districtId))
  return districts.filter(({ client }) => ids.has(client.districtId))
}

export function viewerDistrict(view: View, id: DistrictId): District | undefined {
  return viewerDistricts(view).find(({ client }) => client.districtId === id)
}

/** Clever's record of a district. One call for each request that selects it. */
export function districtRecord(view: View, id: DistrictId): DistrictRecord | undefined {
  return view.require(`district ${id}`, (fetch) => fetch.district(id))
}
