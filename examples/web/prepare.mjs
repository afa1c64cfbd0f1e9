// Installs what is missing, here and in the checkout, so that `npm start` is the only command. Runs on old versions of
// Node too.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

for (const folder of ['../..', '.'].map((path) => fileURLToPath(new URL(path, import.meta.url)))) {
  // npm writes this file last.
  if (existsSync(`${folder}/node_modules/.package-lock.json`)) continue
  console.log(`Installing the packages of ${folder} …`)
  execFileSync('npm', ['ci'], { cwd: folder, stdio: 'inherit' })
}
