import { useJobs } from '@sluice/react'
import { useMutation } from '@tanstack/react-query'
import { CloudDownload } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useSearchParams } from 'wouter'
import { JobList } from '@/components/job/list'
import { Button } from '@/components/ui/button'
import { SelectField, TextArea, Toggle } from '@/components/ui/field'
import { Card, Empty, Failed, Head } from '@/components/ui/parts'
import { client } from '@/lib/client'
import { plural } from '@/lib/format'
import { useStorageChoice } from '@/lib/storages'

const QUALITIES = [
  { value: '', label: 'As it is' },
  { value: 'best', label: 'Best' },
  { value: '4k', label: 'Up to 4K' },
  { value: '1080p', label: 'Up to 1080p' },
  { value: '720p', label: 'Up to 720p' },
  { value: '480p', label: 'Up to 480p' },
  { value: 'audio', label: 'Audio only' },
]

/** The server fetches what URLs lead to: files as they are, or what a page shows. */
export default function Download() {
  const storage = useStorageChoice()
  const [text, setText] = useState('')
  const [quality, setQuality] = useState('')
  const [playlist, setPlaylist] = useState(false)
  const [subtitles, setSubtitles] = useState(false)
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set())
  const [, setSearch] = useSearchParams()
  const jobs = useJobs()
  const downloads = useMemo(() => jobs.filter(job => job.kind === 'download'), [jobs])

  const urls = text.split(/\s+/).filter(Boolean)
  const wrong = urls.filter(url => !/^https?:\/\/[^/]/i.test(url))
  const start = useMutation({
    mutationFn: async () => {
      const how = {
        ...(quality ? { quality } : {}),
        ...(storage.value ? { storageProvider: storage.value } : {}),
        ...(subtitles ? { subtitles } : {}),
      }
      if (urls.length === 1) await client.downloads.start({ url: urls[0]!, ...how, ...(playlist ? { playlist } : {}) })
      else await client.downloads.startAll({ urls, ...how })
    },
    onSuccess: () => setText(''),
  })
  const submit = () => urls.length > 0 && wrong.length === 0 && !start.isPending && start.mutate()

  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">
      <Head title="Download" about="The server fetches it, also when this page is closed." />
      <div className="grid min-h-0 flex-1 grid-rows-[auto_minmax(20rem,1fr)] gap-4 px-4 pb-6 sm:px-6">
        <Card>
          <form
            className="grid gap-4 p-4 lg:grid-cols-[minmax(0,1fr)_18rem]"
            onSubmit={event => {
              event.preventDefault()
              submit()
            }}
          >
            <TextArea
              label="URLs, one a line"
              rows={6}
              value={text}
              onChange={event => setText(event.target.value)}
              onKeyDown={event => {
                if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) submit()
              }}
              placeholder="https://example.org/film.mp4"
              spellCheck={false}
              problem={
                wrong.length > 0 ? `Not a URL: ${wrong[0]}. It has to begin with http:// or https://.` : undefined
              }
              hint={
                urls.length > 1
                  ? `${plural(urls.length, 'URL')}, one batch`
                  : 'A file, or a page with a video or audio on it.'
              }
            />
            <div className="space-y-3">
              <SelectField
                label="Quality"
                options={QUALITIES}
                value={quality}
                onChoose={setQuality}
                hint="Of what a page shows; files come as they are."
              />
              <SelectField
                label="Storage"
                options={storage.options}
                value={storage.value}
                onChoose={storage.choose}
                disabled={storage.options.length < 2}
              />
              <Toggle label="Subtitles" checked={subtitles} onToggle={setSubtitles} />
              <Toggle label="All of a playlist" checked={playlist} onToggle={setPlaylist} disabled={urls.length > 1} />
            </div>
            {start.error && <Failed failure={start.error} className="lg:col-span-2" />}
            <div className="lg:col-span-2">
              <Button type="submit" variant="solid" disabled={urls.length === 0 || wrong.length > 0 || start.isPending}>
                <CloudDownload aria-hidden />
                {urls.length > 1 ? `Download ${urls.length} URLs` : 'Download'}
              </Button>
            </div>
          </form>
        </Card>
        <Card title="Downloads" className="flex flex-col overflow-hidden">
          {downloads.length === 0 ? (
            <Empty icon={CloudDownload} title="Nothing is being downloaded">
              Downloads go on after an interruption, in parallel parts where the other server allows it. Ended ones are
              in the history.
            </Empty>
          ) : (
            <JobList
              jobs={downloads}
              picked={picked}
              onPicked={setPicked}
              onOpen={id => setSearch({ job: id })}
              label="Downloads"
            />
          )}
        </Card>
      </div>
    </div>
  )
}
