using System.Text.Json;
using Microsoft.Playwright;
using Sluice.Server.Tests.Rooms;

namespace Sluice.Browser.Tests.Support;

/// <summary>Where a room was at any time, as somebody heard who plays nothing, to hold against where pages were. All of it on one machine, so
/// that the clocks of pages, room and test are one.</summary>
internal sealed class RoomTimeline
{
    private const string Sampler =
        """
        async ([selector, seconds]) => {
          const video = document.querySelector(selector);
          const samples = [];
          const end = Date.now() + seconds * 1000;
          while (Date.now() < end) {
            samples.push([Date.now(), video.currentTime]);
            await new Promise(resolve => setTimeout(resolve, 100));
          }
          return samples;
        }
        """;

    private readonly RoomVisitor _observer;
    private readonly List<JsonElement> _states;
    private TaskCompletionSource _answered = new();

    /// <param name="observer">In the room before anything happens there, and reads on: who does not is taken for gone.</param>
    public RoomTimeline(RoomVisitor observer)
    {
        _observer = observer;
        _states = [observer.Welcome.GetProperty("state")];
        _ = ReadAsync(); // To the end of the observer.
    }

    /// <summary>Pairs of the time in milliseconds since 1970 and the position of a page, ten a second.</summary>
    public static Task<double[][]> SampleAsync(IPage page, int seconds) =>
        page.EvaluateAsync<double[][]>(Sampler, new object[] { "[data-testid=player-hls]", seconds });

    /// <summary>Waits until all that has happened so far has been heard.</summary>
    public async Task CatchUpAsync()
    {
        _answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _observer.SendAsync("""{"type":"ping","time":1}""");
        await _answered.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    /// <summary>How far each sample of a page is from the room, in seconds.</summary>
    public double[] Distances(double[][] samples) =>
    [
        .. from sample in samples
        let state = _states[Math.Max(0, _states.FindLastIndex(s => s.GetProperty("at").GetDouble() <= sample[0]))]
        select Math.Abs(PositionAt(state, sample[0]) - sample[1]),
    ];

    private async Task ReadAsync()
    {
        while (await _observer.NextAsync() is { } message)
        {
            switch (message.GetProperty("type").GetString())
            {
                case "state":
                    _states.Add(message);
                    break;
                case "pong":
                    _answered.TrySetResult();
                    break;
            }
        }
    }

    private static double PositionAt(JsonElement state, double time)
    {
        var position = state.GetProperty("position").GetDouble();
        var isMoving = !state.GetProperty("paused").GetBoolean() && !state.GetProperty("held").GetBoolean();
        return isMoving ? position + ((time - state.GetProperty("at").GetDouble()) / 1000 * state.GetProperty("rate").GetDouble()) : position;
    }
}
