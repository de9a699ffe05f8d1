const name = 'sluice.operatorKey';

/** The operator key, kept for this tab only. */
export const operatorKey = {
  get: (): string | null => sessionStorage.getItem(name),
  set: (key: string): void => sessionStorage.setItem(name, key),
  forget: (): void => sessionStorage.removeItem(name),
};
