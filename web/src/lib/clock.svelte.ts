/** The current time as state, refreshed every `everyMs` while the component that asked is alive. */
export function useClock(everyMs: number): { readonly now: Date } {
  let now = $state.raw(new Date());
  $effect(() => {
    const timer = setInterval(() => {
      now = new Date();
    }, everyMs);
    return () => clearInterval(timer);
  });
  return {
    get now() {
      return now;
    },
  };
}
