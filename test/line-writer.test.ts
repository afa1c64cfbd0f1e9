import { describe, expect, it, vi } from 'vitest'
import { LineWriter, type LineWriterOptions } from '../src/line-writer.ts'

/** A target whose writes end when the test says so. */
function openTarget(options: Partial<LineWriterOptions> = {}) {
  const writes: { readonly text: string; readonly end: (error?: Error) => void }[] = []
  const writer = new LineWriter(
    {
      write(bytes) {
        const { promise, resolve, reject } = Promise.withResolvers<void>()
        writes.push({ text: String(bytes), end: (error) => (error ? reject(error) : resolve()) })
        return promise
      },
      close: async () => {},
    },
    { stuckAfterMs: 60_000, ...options },
  )
  const written = (count: number) => vi.waitFor(() => expect(writes).toHaveLength(count), { interval: 1 })
  return { writer, writes, written }
}

describe('the writer of lines', () => {
  it('writes the lines of one turn in one write, in their order, log and audit alike', async () => {
    const { writer, writes, written } = openTarget()
    const first = writer.append('a\n')
    writer.offer('b\n')
    const third = writer.append('c\n')
    await written(1)
    expect(writes[0]?.text).toBe('a\nb\nc\n')
    writes[0]?.end()
    await Promise.all([first, third])
  })

  it('O5: has one write outstanding, and refuses more than the queue may hold', async () => {
    const { writer, writes, written } = openTarget()
    const inFlight = writer.append('first\n')
    await written(1)
    const line = `${'x'.repeat(999_999)}\n`
    const queued = Array.from({ length: 16 }, () => writer.append(line))
    await expect(writer.append(line)).rejects.toMatchObject({ code: 'QUEUE_FULL' })
    expect(writes).toHaveLength(1)
    for (let count = 1; count <= 17; count += 1) {
      await written(count)
      writes[count - 1]?.end()
    }
    await Promise.all([inFlight, ...queued])
    await Promise.all([writer.append('again\n'), written(18).then(() => writes[17]?.end())])
  })

  it('O5: never writes a line whose answer has given up before its write began', async () => {
    const { writer, writes, written } = openTarget()
    const first = writer.append('first\n')
    await written(1)
    const ticket = {}
    void writer.append('late\n', ticket)
    const last = writer.append('last\n')
    writer.cancel(ticket)
    writes[0]?.end()
    await written(2)
    writes[1]?.end()
    await Promise.all([first, last])
    expect(writes.map(({ text }) => text)).toEqual(['first\n', 'last\n'])
  })

  it('O5: refuses at once while a write takes too long, and takes lines again when it has ended', async () => {
    const { writer, writes, written } = openTarget({ stuckAfterMs: 0 })
    const stuck = writer.append('stuck\n')
    await written(1)
    await new Promise((resolve) => setTimeout(resolve, 2))
    await expect(writer.append('refused\n')).rejects.toMatchObject({ code: 'STUCK' })
    writes[0]?.end()
    await stuck
    const next = writer.append('next\n')
    await written(2)
    writes[1]?.end()
    await next
  })

  it('writes nothing for a line that was given up, nor at its end', async () => {
    const { writer, writes } = openTarget()
    const ticket = {}
    void writer.append('given up\n', ticket)
    writer.cancel(ticket)
    await writer.close()
    expect(writes).toEqual([])
  })

  it('a failed write fails its own lines, and no later ones', async () => {
    const { writer, writes, written } = openTarget()
    const failing = writer.append('failing\n')
    await written(1)
    const next = writer.append('next\n')
    writes[0]?.end(new Error('full'))
    await expect(failing).rejects.toThrow('full')
    await written(2)
    writes[1]?.end()
    await next
  })

  it('O5: drops log lines while the target takes none, counts them, and says so afterwards', async () => {
    let dropped = 0
    const recovered: number[] = []
    const { writer, writes, written } = openTarget({
      onDropped: (lines) => {
        dropped += lines
      },
      onRecovered: (lines) => void recovered.push(lines),
    })
    writer.offer('first\n')
    await written(1)
    const line = `${'x'.repeat(99_999)}\n`
    for (let sent = 0; sent < 13; sent += 1) writer.offer(line)
    expect(dropped).toBe(3)
    // The audit has room of its own.
    const audited = writer.append('audit\n')
    writes[0]?.end()
    await written(2)
    expect(recovered).toEqual([3])
    writes[1]?.end()
    await written(3)
    writes[2]?.end()
    await audited
  })

  it('O5: closes within about a second though a write hangs, and fails what waits', async () => {
    const { writer, written } = openTarget()
    writer.append('hanging\n').catch(() => {})
    await written(1)
    const waiting = expect(writer.append('waiting\n')).rejects.toMatchObject({ code: 'CLOSED' })
    const startedAt = performance.now()
    await writer.close()
    expect(performance.now() - startedAt).toBeLessThan(2_000)
    await waiting
    await expect(writer.append('after\n')).rejects.toMatchObject({ code: 'CLOSED' })
  })
})
