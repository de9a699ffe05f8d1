/** The current time (epoch milliseconds) as state, refreshed while the component that asked is alive. */
export function useClock(everyMs: number): { readonly nowMs: number } {
  let nowMs = $state(Date.now());
  $effect(() => {
    const timer = setInterval(() => {
      nowMs = Date.now();
    }, everyMs);
    return () => clearInterval(timer);
  });
  return {
    get nowMs() {
      return nowMs;
    },
  };
}
