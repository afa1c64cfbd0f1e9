import { createServer, type Server } from 'node:http'
import type { Metrics } from '../metrics.ts'
import { answerMetrics } from './status-routes.ts'

/** A server for the metrics alone, so that a port for clients does not show them. */
export function createMetricsServer(metrics: Metrics, path: string): Server {
  return createServer({ requestTimeout: 5_000 }, (request, response) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (!isRead || request.url?.split('?', 1)[0] !== path) return response.writeHead(404).end()
    return answerMetrics(metrics, response).catch(() => response.writeHead(500).end())
  })
}
