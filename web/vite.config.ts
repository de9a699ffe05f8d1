import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

/** Where `sluice serve` listens during development. */
const server = 'http://127.0.0.1:8000';

export default defineConfig({
  plugins: [svelte()],
  build: {
    target: 'es2022',
    // Nothing becomes a data: URL, so the page works under a policy of 'self' only.
    assetsInlineLimit: 0,
    // dash.js alone is about 900 kB before compression; it is loaded only when somebody chooses DASH.
    chunkSizeWarningLimit: 1200,
  },
  server: {
    host: '127.0.0.1',
    // With its own name as Host: the server answers to no other.
    proxy: Object.fromEntries(
      ['/api', '/stream', '/live/', '/channels.m3u', '/health'].map((path) => [
        path,
        { target: server, changeOrigin: true },
      ]),
    ),
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
