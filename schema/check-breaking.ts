import { compareWithLastTag } from './last-tag.ts'

/** `npm run schema:breaking`, in the folder of the package. */
const { isAccepted, messages } = compareWithLastTag(process.cwd())
for (const message of messages) console.log(message)
if (!isAccepted) process.exitCode = 1
