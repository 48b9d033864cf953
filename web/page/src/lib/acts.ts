import { SluiceError, type Job } from '@sluice/client'
import { toast } from 'sonner'
import { client } from './client'
import { nextStep } from './words'

export type Act = 'cancel' | 'pause' | 'resume' | 'retry'

const { jobs, uploads } = client

/** Of an upload that this tab sends, its sender has to know as well. */
const sender = (id: string) => uploads.all.find(upload => upload.status.id === id)

const ACTS: Record<Act, (id: string) => Promise<unknown>> = {
  cancel: id => sender(id)?.cancel() ?? jobs.cancel(id),
  pause: id => sender(id)?.pause() ?? jobs.pause(id),
  resume: id => sender(id)?.resume() ?? jobs.resume(id),
  retry: id => jobs.retry(id),
}

export function complain(failure: unknown): void {
  const { message, code } = failure instanceof SluiceError ? failure : { message: String(failure), code: 'internal' }
  toast.error(message, { description: nextStep({ code }) })
}

/** Does it; what was refused is said. What worked is seen in the row. */
export async function act(what: Act, id: string): Promise<void> {
  try {
    await ACTS[what](id)
  } catch (failure) {
    complain(failure)
  }
}

/** Of many at once: refusals are said together. */
export async function actOnAll(what: Act, chosen: readonly Job[]): Promise<void> {
  const able = chosen.filter(job => job.links[what])
  const results = await Promise.allSettled(able.map(job => ACTS[what](job.id)))
  const refused = results.filter(result => result.status === 'rejected')
  if (refused[0]) {
    toast.error(`${refused.length} of ${able.length} could not be done`, {
      description: String((refused[0].reason as Error).message),
    })
  }
}

export async function move(id: string, position: number): Promise<void> {
  try {
    await jobs.move(id, position)
  } catch (failure) {
    complain(failure)
  }
}
