import { apiError } from '../api';
import { Book } from '../book.svelte';
import { deleteChannel, listChannels, patchChannel, putChannel } from './api';
import { titleOf, type Channel } from './channel';
import { changesOf, definitionOf, type Draft } from './draft';

const everyMs = 4000;

/** The channels of this server, and what is done with them. */
export class ChannelBook extends Book {
  channels: readonly Channel[] = $state.raw([]);
  /** What is wrong with the configuration file, while an older one is in force. */
  configurationProblem = $state('');
  /** What was asked for last and not done, in words. */
  failure = $state('');

  /** Changes that were made here: a list that was asked for before them is old. */
  #changes = 0;

  constructor() {
    super(everyMs);
  }

  protected override async load(): Promise<void> {
    const changes = this.#changes;
    const { items, configurationProblem } = await listChannels();
    if (changes === this.#changes) {
      this.channels = items;
      this.configurationProblem = configurationProblem ?? '';
    }
  }

  /** Saves a new channel. Answers why not, in words; nothing when it was saved. */
  add(draft: Draft): Promise<string> {
    return this.#save(putChannel(draft.name, definitionOf(draft)));
  }

  /** Saves what was changed of a channel. Answers as `add`. */
  async change(channel: Channel, draft: Draft): Promise<string> {
    const changes = changesOf(draft, channel);
    return Object.keys(changes).length === 0 ? '' : this.#save(patchChannel(channel.name, changes));
  }

  async toggle(channel: Channel): Promise<void> {
    const word = channel.enabled ? 'off' : 'on';
    const reason = await this.#save(patchChannel(channel.name, { enabled: !channel.enabled }));
    this.failure = reason === '' ? '' : `“${titleOf(channel)}” was not turned ${word}. ${reason}`;
  }

  async remove(channel: Channel): Promise<void> {
    this.failure = '';
    try {
      await deleteChannel(channel.name);
    } catch (error) {
      const { problem } = apiError(error);
      // Somebody else was quicker: it is gone, as asked.
      if (problem.status !== 404) {
        this.failure = `“${titleOf(channel)}” was not deleted. ${problem.title}`;
        return;
      }
    }
    this.#changes += 1;
    this.channels = this.channels.filter(({ name }) => name !== channel.name);
  }

  async #save(saving: Promise<Channel>): Promise<string> {
    this.failure = '';
    try {
      const saved = await saving;
      this.#changes += 1;
      this.channels = withChannel(this.channels, saved);
      return '';
    } catch (error) {
      const { title, detail = '', hint = '' } = apiError(error).problem;
      return [title, detail, hint].filter((part) => part !== '').join(' ');
    }
  }
}

/** The list with the newest state of one, by name. */
export function withChannel(channels: readonly Channel[], channel: Channel): Channel[] {
  return [...channels.filter(({ name }) => name !== channel.name), channel].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
}
