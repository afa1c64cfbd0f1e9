/**
 * Loaded into each gateway. Without it, a minute may pass between two full collections, and the heap of a quiet process
 * grows to several times what it holds.
 */
const EVERY_MS = 20_000
setInterval(() => globalThis.gc?.(), EVERY_MS).unref()
