/**
 * `Described` as the API's description has it, with some of its members named more closely: a state is one of a few words.
 * Each of them has to be what the description says, only less of it.
 */
export type Narrowed<
  Described,
  Closer extends { [Member in keyof Closer]: Member extends keyof Described ? Described[Member] : never },
> = Omit<Described, keyof Closer> & Closer;
