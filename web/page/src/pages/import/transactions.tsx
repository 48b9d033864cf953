import type { Transaction } from '@sluice/client'
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { useVirtualizer } from '@tanstack/react-virtual'
import { ListChecks } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { toast } from 'sonner'
import { useSearchParams } from 'wouter'
import { isTyping } from '@/components/job/list'
import { Button } from '@/components/ui/button'
import { Select, TextField } from '@/components/ui/field'
import { Empty, Failed, Kbd, Loading } from '@/components/ui/parts'
import { complain } from '@/lib/acts'
import { client } from '@/lib/client'
import { capital, count, plural } from '@/lib/format'

const ROW = 44

/** What was imported. A digit corrects the category of the row under the mark, and of all of the same merchant. */
export default function Transactions() {
  const [search, setSearch] = useSearchParams()
  const [text, setText] = useState(search.get('q') ?? '')
  const filter = {
    import: search.get('import') ?? undefined,
    category: search.get('category') ?? undefined,
    q: search.get('q') ?? undefined,
  }
  const categories = useQuery({
    queryKey: ['categories'],
    queryFn: () => client.imports.categories(),
    staleTime: Infinity,
  })
  const queries = useQueryClient()
  const pages = useInfiniteQuery({
    queryKey: ['transactions', filter],
    queryFn: ({ pageParam }) =>
      client.imports.transactions({ ...strip(filter), limit: 200, ...(pageParam ? { after: pageParam } : {}) }),
    initialPageParam: '',
    getNextPageParam: last => last.next,
  })
  const rows = useMemo(() => pages.data?.pages.flatMap(page => page.transactions) ?? [], [pages.data])
  const favourites = useMemo(() => mostUsed(rows, categories.data ?? []), [pages.data?.pages[0], categories.data])
  const [active, setActive] = useState(0)
  const box = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 8,
  })

  const set = (name: string, value: string) =>
    setSearch(
      before => {
        const next = new URLSearchParams(before)
        if (value) next.set(name, value)
        else next.delete(name)
        return next
      },
      { replace: true },
    )
  useEffect(() => {
    const timer = setTimeout(() => text !== (search.get('q') ?? '') && set('q', text), 250)
    return () => clearTimeout(timer)
  }, [text])

  const correct = async (row: Transaction, category: string) => {
    try {
      const { changed } = await client.imports.correct(row.id, category)
      if (changed > 1) toast.success(`${category}: ${plural(changed, 'transaction')} of the same merchant`)
      await queries.invalidateQueries({ queryKey: ['transactions'] })
    } catch (failure) {
      complain(failure)
    }
  }

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return
      const row = rows[active]
      const go = (to: number) => {
        const next = Math.max(0, Math.min(rows.length - 1, to))
        setActive(next)
        virtual.scrollToIndex(next)
        event.preventDefault()
      }
      if (event.key === 'j' || event.key === 'ArrowDown') go(active + 1)
      else if (event.key === 'k' || event.key === 'ArrowUp') go(active - 1)
      else if (row && /^[1-9]$/.test(event.key)) {
        const category = favourites[Number(event.key) - 1]
        if (category) {
          void correct(row, category)
          go(active + 1)
        }
      }
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  })

  const last = virtual.getVirtualItems().at(-1)?.index ?? 0
  useEffect(() => {
    if (last >= rows.length - 20 && pages.hasNextPage && !pages.isFetchingNextPage) void pages.fetchNextPage()
  }, [last, rows.length, pages])

  const total = pages.data?.pages[0]?.total
  return (
    <div className="flex min-h-96 flex-1 flex-col border-t border-line bg-surface">
      <div className="flex flex-wrap items-end gap-3 px-4 py-3 sm:px-6">
        <TextField
          label="Search"
          type="search"
          className="w-56"
          value={text}
          onChange={event => setText(event.target.value)}
          placeholder="Merchant, text"
        />
        <div className="w-48">
          <span className="label mb-1 block">Category</span>
          <Select
            aria-label="Only this category"
            value={filter.category ?? ''}
            onChoose={value => set('category', value)}
            options={[
              { value: '', label: 'All' },
              ...(categories.data ?? []).map(value => ({ value, label: capital(value) })),
            ]}
          />
        </div>
        {filter.import && (
          <Button variant="ghost" onClick={() => set('import', '')}>
            Of all imports
          </Button>
        )}
        <span className="ml-auto pb-2 text-xs text-faint">{total !== undefined && plural(total, 'transaction')}</span>
      </div>
      {favourites.length > 0 && (
        <ol
          aria-label="Keys that correct the category"
          tabIndex={0}
          className="flex gap-3 overflow-x-auto border-y border-line px-4 py-1.5 text-xs text-soft sm:px-6"
        >
          {favourites.map((category, i) => (
            <li key={category} className="flex shrink-0 items-center gap-1">
              <Kbd>{i + 1}</Kbd> {capital(category)}
            </li>
          ))}
        </ol>
      )}
      {pages.error ? (
        <Failed failure={pages.error} className="m-4" retry={() => void pages.refetch()} />
      ) : pages.isPending ? (
        <Loading />
      ) : rows.length === 0 ? (
        <Empty icon={ListChecks} title="No transactions">
          {filter.q || filter.category || filter.import
            ? 'Nothing matches. Take a filter away.'
            : 'Import a bank’s file, and they appear here.'}
        </Empty>
      ) : (
        <div
          ref={box}
          role="list"
          aria-label="Transactions"
          tabIndex={0}
          className="min-h-0 flex-1 overflow-y-auto outline-offset-[-2px]"
        >
          <div role="presentation" className="relative" style={{ height: virtual.getTotalSize() }}>
            {virtual.getVirtualItems().map(item => {
              const row = rows[item.index]!
              return (
                <div
                  key={row.id}
                  role="listitem"
                  aria-setsize={total ?? rows.length}
                  aria-posinset={item.index + 1}
                  aria-current={item.index === active || undefined}
                  onClick={() => setActive(item.index)}
                  data-transaction={row.id}
                  className="absolute inset-x-0 top-0 grid h-11 grid-cols-[5.5rem_minmax(0,1fr)_7rem] items-center gap-3 border-b border-line px-4 text-[0.8125rem] aria-[current=true]:bg-sunk aria-[current=true]:shadow-[inset_3px_0_0_var(--accent)] sm:grid-cols-[5.5rem_minmax(0,1fr)_7rem_11rem] sm:px-6"
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  <span className="whitespace-nowrap text-faint">{row.booked}</span>
                  <span className="truncate" title={row.description}>
                    {row.counterparty && <span className="font-medium">{row.counterparty} </span>}
                    <span className="text-soft">{row.description}</span>
                  </span>
                  <span
                    className={`whitespace-nowrap text-right font-medium ${row.amount.startsWith('-') ? '' : 'text-ok'}`}
                  >
                    {row.amount} {row.currency}
                  </span>
                  <span
                    className="hidden items-center gap-2 sm:flex"
                    title={`${row.source}, ${Math.round(row.confidence * 100)} % sure`}
                  >
                    <Select
                      aria-label={`Category of ${row.counterparty ?? row.description}`}
                      className={`h-7 text-[0.8125rem] ${row.confidence < 0.6 && row.source !== 'user' ? 'border-warn' : 'border-line'}`}
                      value={row.category}
                      onChoose={category => void correct(row, category)}
                      options={choices(categories.data ?? [], row.category)}
                    />
                  </span>
                </div>
              )
            })}
          </div>
        </div>
      )}
      <p className="border-t border-line px-4 py-1 text-xs text-faint sm:px-6">
        <Kbd>j</Kbd> <Kbd>k</Kbd> move, a digit corrects; amber means that Sluice is not sure.{' '}
        {rows.length > 0 && `${count(rows.length)} loaded.`}
      </p>
    </div>
  )
}

const choices = (categories: string[], own: string) =>
  [...new Set([own, ...categories])].map(value => ({ value, label: capital(value) }))

function mostUsed(rows: readonly Transaction[], all: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const { category } of rows.slice(0, 200)) counts.set(category, (counts.get(category) ?? 0) + 1)
  const used = [...counts].sort((a, b) => b[1] - a[1]).map(([category]) => category)
  return [...new Set([...used, ...all])].slice(0, 9)
}

function strip<T extends object>(filter: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>
  }
}
