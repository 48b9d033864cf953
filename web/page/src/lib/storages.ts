import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Option } from '@/components/ui/field'
import { client } from './client'

export const useStorages = () =>
  useQuery({ queryKey: ['storages'], queryFn: () => client.storages(), staleTime: 60_000 })

/** Where it is to go; the one that was chosen last is offered again. */
export function useStorageChoice(): { options: Option[]; value: string; choose: (name: string) => void } {
  const { data } = useStorages()
  const [chosen, setChosen] = useState(() => localStorage.getItem('sluice.storage') ?? '')
  const known = data?.find(storage => storage.name === chosen) ?? data?.find(storage => storage.default) ?? data?.[0]
  return {
    options: (data ?? []).map(storage => ({ value: storage.name, label: `${storage.name} (${storage.kind})` })),
    value: known?.name ?? '',
    choose: name => {
      localStorage.setItem('sluice.storage', name)
      setChosen(name)
    },
  }
}
