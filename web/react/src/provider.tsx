import { createClient } from "@sluice/client";
import type { Client } from "@sluice/client";
import { createContext, useContext } from "react";
import type { ReactNode } from "react";

const Context = createContext<Client | undefined>(undefined);
let shared: Client | undefined;

/** Gives all below it one client, and so one connection. */
export function SluiceProvider({ client, children }: { client: Client; children: ReactNode }): ReactNode {
  return <Context.Provider value={client}>{children}</Context.Provider>;
}

/** The client of the nearest provider; without one, a client of the page's own origin that all share. */
export function useClient(): Client {
  return useContext(Context) ?? (shared ??= createClient());
}
