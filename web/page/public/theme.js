// Before the first paint, so that no other theme flashes up.
;(() => {
  let chosen = null
  try {
    chosen = localStorage.getItem('sluice.theme')
  } catch {
    // Storage may be forbidden; then it is the system's.
  }
  const dark = chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
})()
