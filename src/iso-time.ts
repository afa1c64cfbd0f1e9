/**
 * Formats times in ms since the epoch by ISO 8601. Keeps the last text, because hundreds of lines a second have the same
 * time, and formatting takes half a microsecond.
 */
export function createIsoTime(): (time: number) => string {
  let lastTime: number | undefined
  let text = ''
  return (time) => {
    if (time !== lastTime) {
      text = new Date(time).toISOString()
      lastTime = time
    }
    return text
  }
}
