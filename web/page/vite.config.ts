import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig, type Plugin } from 'vite'

/** Packs what can be packed beside each file, and lists all with a digest: `files.txt` is what the server serves. */
function packed(): Plugin {
  let folder = ''
  return {
    name: 'packed',
    apply: 'build',
    configResolved(config) {
      folder = join(config.root, config.build.outDir)
    },
    closeBundle() {
      const lines: string[] = []
      for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue
        const path = join(entry.parentPath, entry.name)
        const bytes = readFileSync(path)
        const words = [
          `/${path.slice(folder.length + 1)}`,
          createHash('sha256').update(bytes).digest('hex').slice(0, 16),
        ]
        if (/\.(html|js|css|svg|txt|webmanifest)$/.test(entry.name)) {
          writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }))
          writeFileSync(
            `${path}.br`,
            brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
          )
          words.push('gz', 'br')
        }
        lines.push(words.join(' '))
      }
      writeFileSync(join(folder, 'files.txt'), `${lines.sort().join('\n')}\n`)
    },
  }
}

/** Its styles come with ours: the content policy lets no script add some. */
function sonnerWithoutInlineStyles(): Plugin {
  return {
    name: 'sonner-without-inline-styles',
    transform(code, id) {
      if (!/sonner\/dist\/index\.mjs/.test(id)) return null
      const changed = code.replace(/^__insertCSS\(.*\);?$/m, '')
      if (changed === code) throw new Error('sonner adds its styles in a way that is not known here')
      return changed
    },
  }
}

const server = process.env.SLUICE_URL ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [react(), tailwindcss(), sonnerWithoutInlineStyles(), packed()],
  resolve: { conditions: ['source', ...defaultClientConditions], alias: { '@': join(import.meta.dirname, 'src') } },
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: {
    proxy: Object.fromEntries(
      ['/api', '/d/', '/health', '/openapi.json', '/docs', '/ws', '/ws_api'].map(path => [
        path,
        { target: server, ws: path.startsWith('/ws'), changeOrigin: true },
      ]),
    ),
  },
})
