import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError, readConfig } from '../../src/config.ts'
import { SETTINGS } from '../../src/settings.ts'
import { ROOT } from './markdown.ts'

const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
const SETTING_NAMES = new Set(SETTINGS.map(({ name }) => name))
/** npm's own commands. */
const NPM_COMMANDS = new Set(['ci', 'start', 'test'])

/**
 * Checks commands that are not run: their syntax, npm scripts, settings with their values, and paths. Throws with what is
 * wrong. `…` in a value stands for a value that the reader fills in.
 */
export function checkShell(text: string): void {
  execFileSync('bash', ['-n', '-c', text])
  const problems = text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, ''))
    .flatMap((line) => [...scriptProblems(line), ...settingProblems(line), ...pathProblems(line)])
  if (problems.length > 0) throw new Error(problems.join('\n'))
}

function scriptProblems(line: string): string[] {
  return [...line.matchAll(/\bnpm (?:run (?:-s )?([\w:-]+)|(\w+))/g)].flatMap(([command, script, own]) => {
    const exists = script === undefined ? NPM_COMMANDS.has(own ?? '') : script in scripts
    return exists ? [] : [`there is no \`${command}\``]
  })
}

/** The settings in front of a command, read as the gateway reads them. */
function settingProblems(line: string): string[] {
  const [, assignments = '', command = ''] = /^((?:[A-Z_]+=\S+ )+)(npm (?:run -s |run )?\S+)/.exec(line) ?? []
  if (assignments === '') return []
  const environment = Object.fromEntries(
    assignments
      .trim()
      .split(' ')
      .map((pair) => [pair.slice(0, pair.indexOf('=')), filledIn(pair.slice(pair.indexOf('=') + 1))]),
  )
  const unknown = Object.keys(environment).filter((name) => !SETTING_NAMES.has(name))
  if (unknown.length > 0) return unknown.map((name) => `there is no setting ${name}`)
  try {
    readConfig(environment, command === 'npm start' ? 'serve' : 'ask')
    return []
  } catch (error) {
    if (error instanceof ConfigError) return [...error.problems]
    throw error
  }
}

function filledIn(value: string): string {
  let districts = 0
  return value
    .replaceAll('districtId=', () => {
      districts += 1
      return `${String(districts).padStart(24, 'a')}=`
    })
    .replaceAll('…', 'given')
}

function pathProblems(line: string): string[] {
  const paths = line.match(/(?<![\w./-])(?:docs|operations|schema|src|test|\.ci)\/[\w./-]+/g) ?? []
  return paths.filter((path) => !existsSync(join(ROOT, path))).map((path) => `there is no ${path}`)
}
