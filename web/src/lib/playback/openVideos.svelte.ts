/** The players that are open on a page. */
export class OpenVideos {
  list: HTMLVideoElement[] = $state.raw([]);

  /** One more, until the answer is called. */
  keep(video: HTMLVideoElement): () => void {
    this.list = [...this.list, video];
    return () => {
      this.list = this.list.filter((other) => other !== video);
    };
  }
}
