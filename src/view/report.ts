import { VIEW_CONTACTS, VIEW_STUDENT } from '../access/policy.ts'
import type { DistrictId } from '../model/ids.ts'
import type { DatedReport } from '../reports.ts'
import { viewerDistrict } from './districts.ts'
import type { View } from './view.ts'

/** Undefined unless the viewer may see all contacts and all students of the district. */
export function districtReport(view: View, districtId: DistrictId): DatedReport | undefined {
  const { viewer } = view
  if (viewerDistrict(view, districtId) === undefined) return undefined
  if (!viewer.mayInDistrict(VIEW_STUDENT) || !viewer.mayInDistrict(VIEW_CONTACTS)) return undefined
  const report = view.require<DatedReport | undefined>(`report ${districtId}`, (fetch) =>
    fetch.report(districtId),
  )
  if (report !== undefined) view.dated({ value: report, asOf: Date.parse(report.asOf) })
  return report
}
