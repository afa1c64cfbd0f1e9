import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1'
import { Deployment } from 'kubernetes-models/apps/v1'
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1'
import { ConfigMap, Namespace, Service, ServiceAccount } from 'kubernetes-models/v1'
import { parse, parseAllDocuments } from 'yaml'

const HERE = import.meta.dirname
const DOCS = join(HERE, '../../docs')

// biome-ignore lint/suspicious/noExplicitAny: the shape is what the tests check
type Manifest = any

/** The kinds that are used, with their schemas and the modules of their types. */
const KINDS = {
  Namespace: [Namespace, 'kubernetes-models/v1'],
  ServiceAccount: [ServiceAccount, 'kubernetes-models/v1'],
  ConfigMap: [ConfigMap, 'kubernetes-models/v1'],
  Service: [Service, 'kubernetes-models/v1'],
  Deployment: [Deployment, 'kubernetes-models/apps/v1'],
  PodDisruptionBudget: [PodDisruptionBudget, 'kubernetes-models/policy/v1'],
  HorizontalPodAutoscaler: [HorizontalPodAutoscaler, 'kubernetes-models/autoscaling/v2'],
  NetworkPolicy: [NetworkPolicy, 'kubernetes-models/networking.k8s.io/v1'],
  ServiceMonitor: [ServiceMonitor, '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1'],
} as const
type Kind = keyof typeof KINDS

const kustomization: Manifest = parse(readFileSync(join(HERE, 'kustomization.yaml'), 'utf8'))
const manifests: readonly Manifest[] = kustomization.resources.flatMap((file: string) =>
  parseAllDocuments(readFileSync(join(HERE, file), 'utf8')).map((document) => {
    assert.deepEqual(document.errors, [], file)
    return document.toJS()
  }),
)
const find = (kind: Kind, name = 'gateway'): Manifest =>
  manifests.find((each) => each.kind === kind && each.metadata.name === name)
const settings: Record<string, string> = find('ConfigMap', 'gateway-settings').data
const deployment = find('Deployment')
const pod = deployment.spec.template.spec
const [container] = pod.containers

describe('the manifests', () => {
  it('are all listed by kustomize', () => {
    const files = globSync('*.yaml', { cwd: HERE }).filter((file) => file !== 'kustomization.yaml')
    assert.deepEqual(files.toSorted(), kustomization.resources.toSorted())
  })

  for (const manifest of manifests)
    it(`${manifest.kind} ${manifest.metadata.name} has the values that its schema asks for`, () => {
      const [Model] = KINDS[manifest.kind as Kind]
      new Model(manifest).validate()
    })

  // The schemas of Kubernetes let unknown fields pass, and the API server would drop a misspelled one.
  it('have no field that Kubernetes does not know', () => {
    const folder = join(HERE, 'node_modules/.cache')
    const lines = manifests.map((manifest, index) => {
      const [, module] = KINDS[manifest.kind as Kind]
      return `const m${index}: import('${module}').I${manifest.kind} = ${JSON.stringify(manifest)}\nvoid m${index}`
    })
    mkdirSync(folder, { recursive: true })
    const file = join(folder, 'manifests.ts')
    writeFileSync(file, `${lines.join('\n')}\nexport {}\n`)
    const options = ['--ignoreConfig', '--noEmit', '--strict', '--skipLibCheck', '--target', 'esnext']
    const args = [...options, '--module', 'nodenext', '--moduleResolution', 'nodenext', '--types', '', file]
    try {
      execFileSync(join(HERE, 'node_modules/.bin/tsc'), args, { encoding: 'utf8' })
    } catch (error) {
      assert.fail(String((error as { stdout?: string }).stdout))
    }
  })
})

describe('the gateway', () => {
  it('has only settings that exist', () => {
    const page = readFileSync(join(DOCS, 'settings.md'), 'utf8')
    for (const name of Object.keys(settings)) assert.ok(page.includes(`| \`${name}\` |`), name)
  })

  it('knows the most replicas that run at one time', () => {
    const { maxReplicas } = find('HorizontalPodAutoscaler').spec
    assert.equal(Number(settings.REPLICAS), maxReplicas + deployment.spec.strategy.rollingUpdate.maxSurge)
  })

  it('is scaled by a metric that it has', () => {
    const page = readFileSync(join(DOCS, 'operations.md'), 'utf8')
    const { metrics } = find('HorizontalPodAutoscaler').spec
    for (const { pods } of metrics) assert.ok(page.includes(`\`${pods.metric.name}\``))
  })

  it('listens where the service, the probes and Prometheus look', () => {
    const ports = new Map(container.ports.map((port: Manifest) => [port.name, String(port.containerPort)]))
    assert.equal(ports.get('http'), settings.PORT)
    assert.equal(ports.get('metrics'), settings.METRICS_PORT)
    for (const { targetPort } of find('Service').spec.ports) assert.ok(ports.has(targetPort))
    for (const { port } of find('ServiceMonitor').spec.endpoints) assert.ok(ports.has(port))
    assert.equal(container.readinessProbe.httpGet.path, '/ready')
    assert.equal(container.livenessProbe.httpGet.path, '/health')
  })

  it('has the time to stop that it needs', () => {
    const needed = container.lifecycle.preStop.sleep.seconds + Number(settings.SHUTDOWN_GRACE_MS) / 1_000
    assert.ok(pod.terminationGracePeriodSeconds > needed)
  })
})

for (const name of ['gateway', 'valkey'])
  describe(`the pods of ${name}`, () => {
    const { spec } = find('Deployment', name).spec.template
    it('may do no more than they need', () => {
      assert.equal(spec.securityContext.runAsNonRoot, true)
      assert.equal(spec.securityContext.seccompProfile.type, 'RuntimeDefault')
      assert.equal(spec.automountServiceAccountToken, false)
      for (const { securityContext } of spec.containers) {
        assert.equal(securityContext.readOnlyRootFilesystem, true)
        assert.equal(securityContext.allowPrivilegeEscalation, false)
        assert.deepEqual(securityContext.capabilities.drop, ['ALL'])
      }
    })

    it('are reached only as a policy says', () => {
      const { policyTypes, podSelector } = find('NetworkPolicy', name).spec
      assert.deepEqual(policyTypes, ['Ingress', 'Egress'])
      assert.equal(podSelector.matchLabels['app.kubernetes.io/name'], name)
    })

    it('hold no secret in the manifest', () => {
      for (const { env = [] } of spec.containers)
        for (const { value } of env) assert.doesNotMatch(String(value), /:\/\/[^/]*:[^/]*@/)
    })
  })
