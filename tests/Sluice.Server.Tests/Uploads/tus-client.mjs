// Uploads a file with tus-js-client as its documentation has it: node tus-client.mjs PACKAGES ENDPOINT FILE PARALLEL
import { createReadStream } from 'node:fs'
import { createRequire } from 'node:module'
import { journal } from './journal.mjs'

const [packages, endpoint, file, parallel] = process.argv.slice(2)
const tus = createRequire(packages)('tus-js-client')

const upload = new tus.Upload(createReadStream(file), {
  ...journal,
  endpoint,
  parallelUploads: Number(parallel),
  chunkSize: Number(parallel) > 1 ? 1_000_000 : 4_000_000,
  retryDelays: Array.from({ length: 100 }, (_, n) => Math.min(100 + n * 20, 500)),
  metadata: { filename: 'film.mp4', filetype: 'video/mp4', title: 'By a client' },
  onError(error) {
    console.error(String(error))
    process.exit(1)
  },
  onSuccess() {
    console.log(upload.url)
  },
})
upload.start()
