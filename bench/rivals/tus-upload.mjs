// One upload with tus-js-client: node tus-upload.mjs ENDPOINT FILE CHUNK.
// Prints `uploaded PATH SECONDS CPU`: the time from start to success, and this process's CPU seconds in it.
import { createReadStream, statSync } from 'node:fs';
import { Upload } from 'tus-js-client';

const [endpoint, file, chunkSize] = process.argv.slice(2);
const began = process.hrtime.bigint();
const cpu = process.cpuUsage();
const upload = new Upload(createReadStream(file), {
  endpoint,
  chunkSize: Number(chunkSize),
  uploadSize: statSync(file).size,
  retryDelays: null,
  metadata: { filename: 'film.mp4' },
  onError(error) {
    console.error(error);
    process.exit(1);
  },
  onSuccess() {
    const seconds = Number(process.hrtime.bigint() - began) / 1e9;
    const { user, system } = process.cpuUsage(cpu);
    console.log(`uploaded ${new URL(upload.url).pathname} ${seconds} ${(user + system) / 1e6}`);
  },
});
upload.start();
