/**
 * The tabs of an app tell each other their session: a new tab needs no sign-in, one refresh serves all, and a logout
 * reaches each. Tokens pass from page to page in memory (BroadcastChannel), and are stored nowhere.
 */
import { randomId } from "../../random_id.ts";
import type { App } from "./options.ts";
import { openPresence, type TabHas } from "./presence.ts";
import { isAlive, type Session, type Vault } from "./vault.ts";

export interface Tabs {
  /** Tells the others a session that was refreshed here. Returns once they can know that it exists. */
  share(session: Session): Promise<void>;
  /** Tells the others a session that began here. */
  begin(session: Session): Promise<void>;
  /** Ends a session in all tabs. */
  end(id: string): void;
  /** Waits for the session that another tab has, if one has any. */
  find(): Promise<void>;
  /** Waits for what another tab has of this session, if that is newer. */
  catchUp(id: string): Promise<void>;
  /** Tells the others that this tab refreshes the session. @returns ends that */
  announce(session: Session): () => void;
  /** Calls `f` when another tab announces a refresh. */
  onAnnounced(f: (refreshing: TabHas) => void): void;
  isOpen(tab: string): Promise<boolean>;
}

type Message =
  | { session: Session }
  | { began: Session }
  | { ended: string }
  | { refreshing: TabHas }
  | { ask: true };

/** Milliseconds between two looks for an answer. */
const STEP = 20;
/** Milliseconds in all: when a page opens, and under the lock, where others wait. */
const PATIENCE = 3000;
const PATIENCE_LOCKED = 1000;

export function openTabs({ name, page }: App, vault: Vault): Tabs {
  const channel = new BroadcastChannel(name);
  const tab = randomId();
  const presence = openPresence(page.navigator.locks, { prefix: `${name} `, tab });
  let announced = (_: TabHas): void => {};
  let mine: TabHas | null = null;
  const post = (message: Message): void => channel.postMessage(message);
  vault.onChange(() => void presence.show(vault.current()));
  channel.onmessage = ({ data }: { data: Message }) => {
    const current = vault.current();
    if ("session" in data) vault.offer(data.session);
    else if ("began" in data) vault.replace(data.began);
    else if ("ended" in data) vault.end(data.ended);
    else if ("refreshing" in data) announced(data.refreshing);
    else if (current && !isAlive(current)) end(current.id);
    else if (current) post({ session: current });
    // A tab that has just opened has not heard of it.
    if ("ask" in data && mine) post({ refreshing: mine });
  };
  function end(id: string): void {
    vault.end(id);
    post({ ended: id });
  }
  /** Asks until `isMet`; a tab that stands still must not hold up this one for long. */
  async function ask(isMet: () => boolean, patience = PATIENCE): Promise<void> {
    const end = performance.now() + patience;
    for (let looks = 0; !isMet() && performance.now() < end; looks += 1) {
      if (looks % 25 === 0) post({ ask: true });
      await new Promise((resolve) => setTimeout(resolve, STEP));
    }
  }
  return {
    share(session) {
      post({ session });
      return presence.show(session);
    },
    begin(session) {
      vault.replace(session);
      post({ began: session });
      return presence.show(session);
    },
    end,
    async find() {
      const tabs = await presence.all();
      if (tabs.length > 0) await ask(() => vault.current() !== null);
    },
    async catchUp(id) {
      const revs = (await presence.all()).filter((each) => each.id === id);
      const newest = Math.max(0, ...revs.map(({ rev }) => rev));
      await ask(() => {
        const current = vault.current();
        return current?.id !== id || current.rev >= newest;
      }, PATIENCE_LOCKED);
    },
    announce({ id, rev }) {
      mine = { id, rev, tab };
      post({ refreshing: mine });
      return () => {
        mine = null;
      };
    },
    onAnnounced(f) {
      announced = f;
    },
    isOpen: async (other) => (await presence.all()).some((each) => each.tab === other),
  };
}
