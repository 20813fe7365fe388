/**
 * The routes that show what a client does: `/info`, `/echo/…`, `/channel`,
 * `/channel/NAME`, `/stash`, `/stash/KEY` and `/journal/NAME`.
 *
 * @module
 */

import type { HeldMemory } from "../../lib/memory/held_memory.ts";
import type { AnyWebSocketHandler, Routes } from "../../lib/routing/router.ts";
import { refuseState } from "../http/one_thread.ts";
import { type JournalContext, journalRoutes } from "../journal/journal.ts";
import type { Journals } from "../journal/journals.ts";
import { channel } from "./channel.ts";
import { info } from "./info.ts";
import { messageChannel } from "./message_channel.ts";
import { QueueStore } from "./queue_store.ts";
import { stash } from "./stash.ts";
import { stashMessages } from "./stash_messages.ts";
import { StashStore } from "./stash_store.ts";

/** The parts of the service that the routes use. */
export interface ShowContext extends JournalContext {
  /** The handler of `/ws`. */
  readonly echo: AnyWebSocketHandler;
  /** The journals. */
  readonly journals: Journals;
  /**
   * The account of what the routes hold.
   * @default none
   */
  readonly heldMemory?: HeldMemory | undefined;
}

/**
 * Makes the routes.
 *
 * @param context parts of the running service
 */
export function showRoutes(context: ShowContext): Routes {
  const { echo, journals, heldMemory, longRunningRequests, workers } = context;
  if (heldMemory !== undefined) journals.account(heldMemory);
  const store = new StashStore(heldMemory);
  return {
    "/info": info,
    "/echo": echo,
    "/echo/*": echo,
    ...refuseState({
      "/channel": messageChannel(new QueueStore(heldMemory)),
      "/channel/:name": channel(),
      "/stash": stashMessages(store),
      "/stash/:key": stash(store, longRunningRequests),
    }, workers),
    ...journalRoutes(journals, context),
  };
}
