using Sluice.Server.Catalog;

namespace Sluice.Server.Jobs;

/// <summary>
/// The queue seam. It carries only "there is work, this urgent"; the truth of every task is in the catalog, so an
/// announcement that is lost, doubled or late changes nothing.
/// </summary>
internal interface IJobQueue
{
    /// <summary>Says that there is work; never blocks.</summary>
    void Announce(Urgency urgency);

    /// <summary>Returns when work at or above <paramref name="least"/> was announced since the last call, or after
    /// <paramref name="atMost"/>.</summary>
    Task WaitAsync(Urgency least, TimeSpan atMost, CancellationToken ct);
}
