using Xunit;

namespace Sluice.Browser.Tests.Support;

/// <summary>A live channel of somebody else, for all tests of a class, which leave it as it is.</summary>
public sealed class SharedLiveOrigin : IAsyncLifetime
{
    private LiveOrigin? _origin;

    /// <summary>The playlist of both variants, as a person would paste it.</summary>
    public string Url => _origin!.Url;

    public async ValueTask InitializeAsync()
    {
        if (Requirements.Ffmpeg is not null) // Else every test says so.
        {
            _origin = await LiveOrigin.StartAsync();
        }
    }

    public ValueTask DisposeAsync() => _origin?.DisposeAsync() ?? ValueTask.CompletedTask;
}
