using Microsoft.Playwright;
using Shouldly;

namespace Sluice.Browser.Tests.Support;

/// <summary>A video element of a page, and what can be asked of it. Times are seconds.</summary>
/// <param name="page">The page that it is on.</param>
/// <param name="kind"><c>hls</c> or <c>dash</c> on a watch page; anything else names the test id itself.</param>
internal sealed class Player(IPage page, string kind)
{
    private readonly string _selector = kind is "hls" or "dash" ? $"[data-testid=player-{kind}]" : $"[data-testid={kind}]";

    private ILocator Video => page.Locator(_selector);

    /// <summary>Opens the pane of this player, when it is not the one that the page opens with.</summary>
    public async Task<Player> ChosenAsync()
    {
        await page.GetByTestId($"mode-{kind}").ClickAsync();
        await ReadyAsync();
        return this;
    }

    /// <summary>Waits for the first picture, or sound.</summary>
    public Task ReadyAsync() => UntilAsync("video.readyState >= 2");

    /// <summary>
    /// Plays; once more when a player put its source into the element just then, which ends the first attempt. An element that the page
    /// takes away meanwhile never answers, so this waits no longer than for anything else.
    /// </summary>
    public Task PlayAsync() => Video.EvaluateAsync(
        "video => video.play().catch(error => { if (error.name !== 'AbortError') { throw error; } return video.play(); })")
        .WaitAsync(TimeSpan.FromMilliseconds(BrowserSuite.LongestWait));

    public Task PauseAsync() => Video.EvaluateAsync("video => video.pause()");

    public Task SeekAsync(double to) => Video.EvaluateAsync("(video, to) => { video.currentTime = to; }", to);

    public Task<double> TimeAsync() => Video.EvaluateAsync<double>("video => video.currentTime");

    public Task<double> DurationAsync() => Video.EvaluateAsync<double>("video => video.duration");

    /// <summary>Plays on for a second from where it is.</summary>
    public async Task PlaysOnAsync()
    {
        var from = await TimeAsync();
        await UntilAsync($"!video.paused && video.currentTime > {from:F3} + 1");
    }

    /// <summary>Waits until this cue is shown and nothing else is wrong with it. The subtitles are chosen again and again: a player that has only just listed
    /// them sets them back once more.</summary>
    /// <param name="words">Text of the cue.</param>
    /// <param name="condition">On <c>cue</c>.</param>
    public Task ShowsCueAsync(string words, string condition) => UntilAsync(
        "([...video.textTracks].filter(track => track.kind === 'subtitles' && track.mode !== 'showing').forEach(track => { track.mode = 'showing'; }), "
        + $"[...video.textTracks].some(track => [...(track.activeCues ?? [])].some(cue => cue.getCueAsHTML().textContent === '{words}' && {condition})))");

    /// <summary>Waits until a condition on <c>video</c> holds; says what the element was like when it never did.</summary>
    public async Task UntilAsync(string condition)
    {
        try
        {
            await page.WaitForFunctionAsync(
                $"selector => {{ const video = document.querySelector(selector); return video !== null && {condition}; }}", _selector);
        }
        catch (TimeoutException timeout)
        {
            throw new TimeoutException($"Not reached: {condition}. The player: {await StateAsync()}", timeout);
        }
    }

    /// <summary>All of the title is loaded, in one range without a hole.</summary>
    public async Task ShouldHoldAllAsync(double durationSeconds)
    {
        await UntilAsync("video.buffered.length > 0 && video.buffered.end(video.buffered.length - 1) > video.duration - 0.1");
        var ranges = await BufferedAsync();
        ranges.Length.ShouldBe(1, await StateAsync());
        ranges[0][0].ShouldBeInRange(0, 0.1);
        ranges[0][1].ShouldBeInRange(durationSeconds - 0.1, durationSeconds + 0.15);
        (await DurationAsync()).ShouldBeInRange(durationSeconds - 0.1, durationSeconds + 0.15); // Reordering and the last packet of sound.
    }

    /// <summary>So many seconds ahead are loaded, and there is no hole between any two ranges.</summary>
    public async Task ShouldBeWholeAsync(double aheadSeconds)
    {
        await UntilAsync($"video.buffered.length > 0 && video.buffered.end(video.buffered.length - 1) > video.currentTime + {aheadSeconds}");
        (await BufferedAsync()).Length.ShouldBe(1, await StateAsync());
    }

    /// <summary>Start and end of every buffered range.</summary>
    public Task<double[][]> BufferedAsync() => Video.EvaluateAsync<double[][]>(
        "({ buffered }) => Array.from({ length: buffered.length }, (_, i) => [buffered.start(i), buffered.end(i)])");

    /// <summary>Pictures of this size were decoded, none of them damaged.</summary>
    public async Task ShouldHavePicturesAsync(int width, int height)
    {
        await ShouldHavePicturesAsync();
        (await Video.EvaluateAsync<int[]>("video => [video.videoWidth, video.videoHeight]")).ShouldBe([width, height]);
    }

    /// <summary>Pictures were decoded, none of them damaged.</summary>
    public async Task ShouldHavePicturesAsync()
    {
        await UntilAsync("video.getVideoPlaybackQuality().totalVideoFrames > 10");
        (await Video.EvaluateAsync<int>("video => video.getVideoPlaybackQuality().corruptedVideoFrames")).ShouldBe(0);
    }

    /// <summary>Listens to what it plays; <see cref="HearsAsync"/> needs it. Once a page.</summary>
    public Task ListenAsync() => Video.EvaluateAsync(
        """
        video => {
          const context = new AudioContext();
          const analyser = new AnalyserNode(context, { fftSize: 4096, smoothingTimeConstant: 0 });
          context.createMediaElementSource(video).connect(analyser).connect(context.destination);
          const loudness = new Float32Array(analyser.frequencyBinCount);
          globalThis.loudestHertz = () => {
            analyser.getFloatFrequencyData(loudness);
            const peak = loudness.reduce((best, level, bin) => (level > loudness[best] ? bin : best), 0);
            return loudness[peak] < -60 ? 0 : peak * context.sampleRate / analyser.fftSize;
          };
        }
        """);

    /// <summary>Waits until a tone of this pitch is what is heard.</summary>
    public Task HearsAsync(int hertz) => UntilAsync($"Math.abs(globalThis.loudestHertz() - {hertz}) < 25");

    private Task<string> StateAsync() => page.EvaluateAsync<string>(
        """
        selector => {
          const video = document.querySelector(selector);
          if (video === null) return 'is not on the page: ' + document.body.innerText;
          const { currentTime, duration, readyState, networkState, paused, ended, seeking, error, buffered } = video;
          const ranges = Array.from({ length: buffered.length }, (_, i) => [buffered.start(i), buffered.end(i)]);
          const words = document.querySelector('[data-testid=playback-error]')?.innerText;
          return JSON.stringify({ currentTime, duration, readyState, networkState, paused, ended, seeking, error: error?.message, ranges, words });
        }
        """, _selector);
}
