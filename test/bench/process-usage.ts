import { readFile } from 'node:fs/promises'

/** Linux counts processor time in hundredths of a second. Source: proc(5), USER_HZ. */
const MS_PER_TICK = 10
/** Places of `utime` and `stime` after the name of the process, which may have spaces. Source: proc(5). */
const UTIME = 11
const STIME = 12

/** Processor time that a process has used. NaN where there is no /proc. ms */
export async function cpuMsOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[UTIME]) + Number(fields[STIME])) * MS_PER_TICK
}
