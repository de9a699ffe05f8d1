using Sluice.Media.Tests.Building;
using Sluice.Server.Tests.Outbound.Remote;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Sessions;

/// <summary>A test of sessions that play a film of two minutes, which lies on another server.</summary>
public abstract class FilmTest : IAsyncLifetime
{
    private protected FakeClock Clock { get; } = new();

    private protected RangeOrigin Origin { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Origin = await RangeOrigin.StartAsync();
        Origin.Content = LongTitle.Of(TimeSpan.FromMinutes(2));
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Origin.DisposeAsync();
    }
}
