/** The pages about sessions, loaded with the first of them. */
export { default as Session } from './Session.svelte';
export { default as Sessions } from './Sessions.svelte';
