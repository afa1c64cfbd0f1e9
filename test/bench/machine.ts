import { cpus } from 'node:os'
import { isPinned, PROCESSORS } from './child.ts'

const PINS = isPinned
  ? `Clever and the client run on processor ${PROCESSORS.clever}, the server that is measured on processor ${PROCESSORS.server}.`
  : 'Without `taskset` or a second processor, no process has a processor of its own.'

/** What the figures were measured on. */
export const MACHINE = `Node ${process.version}, ${cpus().length} processors (${cpus()[0]?.model}), all processes on one machine. ${PINS}`
