/** The pages about channels, which are loaded when one of them is opened. */
export { default as Channel } from './Channel.svelte';
export { default as Channels } from './Channels.svelte';
