// Uploads a file with Uppy and its tus plug-in as their documentation has it: node uppy-client.mjs PACKAGES ENDPOINT FILE PARALLEL
import { createReadStream } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { journal } from './journal.mjs'

const [packages, endpoint, file, parallel] = process.argv.slice(2)
const load = (name) => import(pathToFileURL(createRequire(packages).resolve(name)))
const [{ default: Uppy }, { default: Tus }] = await Promise.all([load('@uppy/core'), load('@uppy/tus')])

const uppy = new Uppy({ autoProceed: false }).use(Tus, {
  ...journal,
  endpoint,
  parallelUploads: Number(parallel),
  chunkSize: Number(parallel) > 1 ? 1_000_000 : 4_000_000,
  retryDelays: Array.from({ length: 100 }, (_, n) => Math.min(100 + n * 20, 500)),
})
uppy.addFile({ name: 'film.mp4', type: 'video/mp4', data: createReadStream(file), meta: { title: 'By a client' } })
const { successful, failed } = await uppy.upload()
if (failed.length > 0) {
  console.error(String(failed[0].error))
  process.exit(1)
}
console.log(successful[0].uploadURL)
