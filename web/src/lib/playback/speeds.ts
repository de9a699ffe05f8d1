/** Speeds that can be chosen, by key or from the settings; 1 is that of the title. */
export const speeds: readonly number[] = [0.5, 0.75, 1, 1.25, 1.5, 2];
