/**
 * Asks again and again while the page is seen, one question at a time. `ask` answers after how many milliseconds the next one
 * is due, or null when it is of no use to ask again. A page that comes back into sight asks at once.
 */
export function pollWhileSeen(ask: () => Promise<number | null>): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking = false;
  let over = false;

  async function next(): Promise<void> {
    clearTimeout(timer);
    if (asking || over || document.hidden) {
      return;
    }
    asking = true;
    const pauseMs = await ask();
    asking = false;
    if (pauseMs === null) {
      end();
    } else if (!over && !document.hidden) {
      timer = setTimeout(() => void next(), pauseMs);
    }
  }

  function look(): void {
    void next();
  }

  function end(): void {
    over = true;
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', look);
  }

  document.addEventListener('visibilitychange', look);
  void next();
  return end;
}
