// Shows what the server pushes when the page is closed. It keeps nothing and answers no request of the page.

const ENDS = { 'job.completed': 'Completed', 'job.failed': 'Failed', 'job.cancelled': 'Cancelled' }
const KINDS = { upload: 'Upload', download: 'Download', import: 'Import', operation: 'File operation' }

self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', event => event.waitUntil(self.clients.claim()))

self.addEventListener('push', event => {
  let message
  try {
    message = event.data.json()
  } catch {
    message = { type: 'test', data: { message: 'A message that cannot be read.' } }
  }
  const { type, data } = message
  const end = ENDS[type]
  event.waitUntil(
    self.registration.showNotification(end ? `${end}: ${data.name ?? KINDS[data.kind] ?? 'a job'}` : 'Sluice', {
      body: end ? (data.error?.message ?? KINDS[data.kind] ?? '') : data.message,
      icon: '/favicon.svg',
      // Of a batch the last one stands there.
      tag: data.batch ?? data.job ?? 'test',
      data: { job: data.job },
    }),
  )
})

self.addEventListener('notificationclick', event => {
  event.notification.close()
  const { job } = event.notification.data ?? {}
  const address = job ? `/?job=${encodeURIComponent(job)}` : '/'
  event.waitUntil(
    self.clients.matchAll({ type: 'window' }).then(async pages => {
      const page = pages[0]
      if (!page) return self.clients.openWindow(address)
      await page.focus()
      return page.navigate(address)
    }),
  )
})
