import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** Where `sluice serve` listens during development. */
const server = 'http://127.0.0.1:8000';

/**
 * The controls of the player bring their styles as elements in their shadow trees. The page's policy allows no such elements but those whose
 * hash it names: they are written to a file that the server reads.
 */
function styleHashes(): Plugin {
  return {
    name: 'sluice-style-hashes',
    apply: 'build',
    async generateBundle() {
      const hashes = new Set<string>();
      for (const id of this.getModuleIds()) {
        if (/media-chrome\/dist\/media-[a-z-]+\.js$/.test(id)) {
          const elements = Object.values((await import(id)) as Record<string, unknown>);
          for (const html of elements.flatMap(templateOf)) {
            for (const [, style = ''] of html.matchAll(/<style[^>]*>([\s\S]*?)<\/style>/g)) {
              const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(style));
              hashes.add(`'sha256-${btoa(String.fromCharCode(...new Uint8Array(hash)))}'`);
            }
          }
        }
      }
      this.emitFile({ type: 'asset', fileName: 'style-hashes.txt', source: [...hashes].sort().join(' ') });
    },
  };
}

function templateOf(element: unknown): string[] {
  const { getTemplateHTML } = element as {
    getTemplateHTML?: (attributes: object, properties: object) => string;
  };
  return typeof element === 'function' && getTemplateHTML !== undefined
    ? [getTemplateHTML.call(element, {}, {})]
    : [];
}

export default defineConfig({
  plugins: [svelte(), styleHashes()],
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
