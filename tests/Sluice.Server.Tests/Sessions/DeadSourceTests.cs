using Shouldly;
using Sluice.Media.Binary;
using Sluice.Media.Tests.Building;
using Sluice.Server.Hosting;
using Sluice.Server.Package;
using Sluice.Server.Package.Matroska;
using Sluice.Server.Sessions;
using Sluice.Server.Store;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Sessions;

/// <summary>Sources of which nothing comes any more (torrents that nobody has, mostly) hold up no other, neither when it is opened nor when it is played.</summary>
public sealed class DeadSourceTests : IDisposable
{
    /// <summary>More than there are turns for anything.</summary>
    private const int Dead = 8;

    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-dead-").FullName;
    private readonly CancellationTokenSource _stop = new();
    private readonly MatroskaPackager _matroska = new(new SluiceOptions());
    private int _names;

    [Fact]
    public async Task Of_matroska()
    {
        var film = LongMatroska.Of(TimeSpan.FromMinutes(2), cuesLast: true);
        var opening = Enumerable.Range(0, Dead).Select(_ => OpenAsync(new Source(film) { Here = film.Length / 2 }, _stop.Token)).ToList();

        var alive = await OpenAsync(new Source(film), default).WaitAsync(Eventually.Patience);
        opening.ShouldAllBe(task => !task.IsCompleted);

        // They die while they are played.
        var sources = Enumerable.Range(0, Dead).Select(_ => new Source(film)).ToList();
        var playing = new List<Task>();
        foreach (var source in sources)
        {
            var title = await OpenAsync(source, default);
            source.Here = film.Length / 4;
            playing.Add(title.Maker!.MakeAsync("v0", 15, _stop.Token).AsTask());
        }

        (await Eventually.Holds(() => sources.TrueForAll(source => source.IsWaitedFor))).ShouldBeTrue();
        (await alive.Maker!.MakeAsync("v0", 15, default).AsTask().WaitAsync(Eventually.Patience)).Problem.ShouldBeNull();
        playing.ShouldAllBe(task => !task.IsCompleted);

        await _stop.CancelAsync();
        foreach (var task in opening.Concat(playing))
        {
            await task.ShouldThrowAsync<OperationCanceledException>();
        }
    }

    [Fact]
    public async Task Of_mp4()
    {
        var titles = new MovieTitles(new Packager(new SluiceOptions()));
        var film = LongTitle.Of(TimeSpan.FromMinutes(1));
        var opening = Enumerable.Range(0, Dead).Select(_ => Open(new Source(film) { Here = 0 }, _stop.Token)).ToList();

        (await Open(new Source(film), default).WaitAsync(Eventually.Patience)).Copied.ShouldNotBeEmpty();

        opening.ShouldAllBe(task => !task.IsCompleted);
        await _stop.CancelAsync();
        foreach (var task in opening)
        {
            await task.ShouldThrowAsync<OperationCanceledException>();
        }

        Task<CopyResult> Open(Source source, CancellationToken ct) => titles.CopyAsync(new Far(source), PathOf, besideEncoded: false, ct);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        _matroska.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private Task<CopyResult> OpenAsync(Source source, CancellationToken ct) => _matroska.CopyAsync(source, PathOf, besideEncoded: false, ct);

    private string PathOf(string name) => Path.Combine(_folder, $"{Interlocked.Increment(ref _names)}-{name}");

    /// <summary>A file of which so much is here; who wants more waits.</summary>
    private sealed class Source(IByteSource film) : IObjectReader
    {
        public long Here { get; set; } = film.Length;

        public bool IsWaitedFor { get; private set; }

        public long Length => film.Length;

        public bool IsElsewhere => true;

        public async ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken ct)
        {
            await PrepareAsync(offset, ct);
            return film.Read(offset, destination.Span[..(int)Math.Min(destination.Length, Here - offset)]);
        }

        public async ValueTask PrepareAsync(long offset, CancellationToken ct)
        {
            if (offset >= Here)
            {
                IsWaitedFor = true;
                await Task.Delay(Timeout.Infinite, ct);
            }
        }

        public void Dispose()
        {
            // Nothing is held.
        }
    }

    private sealed class Far(Source source) : SessionFile
    {
        public override string FileName => "film.mp4";

        public override IObjectReader Reader => source;

        public override long FetchedBytes => 0;

        public override string? Fault => null;

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
