/** The page of what is published, which is loaded when it is opened. */
export { default as Published } from './Published.svelte';
