import packageJson from '../../package.json' with { type: 'json' }

/** The options of Node with which `npm start` starts the gateway. */
export const START_ARGS: readonly string[] = packageJson.scripts.start
  .split(' ')
  .filter((word) => word.startsWith('--'))
