import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'

/** `.1`, `.2.gz`, and the dates of logrotate's `dateext`: `-20261126`, `-20261126.gz`. */
const ROTATED = /^[.-][\d.T_-]*\d(\.[a-z]\w*)?$/
/** The extensions of compressed files. */
const COMPRESSION = /\.(gz|zst|xz|bz2)$/

/** The audit file and the files that it was rotated to, oldest first. Empty where none is there. Throws the errors of the system. */
export async function auditFilesAt(path: string): Promise<readonly string[]> {
  const [folder, base] = [dirname(path), basename(path)]
  const names = (await readdir(folder)).filter((name) => name === base || isRotated(name, base))
  const files = await Promise.all(
    names.map(async (name) => ({
      path: join(folder, name),
      // The audit file counts as the newest, even if nothing was written to it since the rotation.
      changedAt: name === base ? Number.POSITIVE_INFINITY : await changedAt(join(folder, name)),
    })),
  )
  return files.toSorted((a, b) => a.changedAt - b.changedAt).map((file) => file.path)
}

/** 0 for a file that is gone or has no readable status: the read of it reports the error. */
async function changedAt(path: string): Promise<number> {
  const stats = await stat(path).catch(() => undefined)
  return stats?.mtimeMs ?? 0
}

/** Also matches names whose end logrotate's `extension` keeps: audit-20261126.log.gz. */
function isRotated(name: string, base: string): boolean {
  const extension = extname(base)
  const stem = base.slice(0, base.length - extension.length)
  const plain = name.replace(COMPRESSION, '')
  return (
    (name.startsWith(base) && ROTATED.test(name.slice(base.length))) ||
    (plain.startsWith(stem) &&
      plain.endsWith(extension) &&
      ROTATED.test(plain.slice(stem.length, plain.length - extension.length)))
  )
}
