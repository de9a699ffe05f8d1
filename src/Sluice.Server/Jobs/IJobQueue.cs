using Sluice.Server.Catalog;

namespace Sluice.Server.Jobs;

/// <summary>
/// The queue seam. It carries only "there is work, this urgent"; the truth of every task is in the catalog, so an
/// announcement that is lost, doubled or late changes nothing.
/// </summary>
internal interface IJobQueue
{
    /// <summary>Says that there is work; never blocks.</summary>
    /// <param name="urgency">How urgent.</param>
    /// <param name="tasks">How many tasks; null when nobody knows.</param>
    void Announce(Urgency urgency, int? tasks = null);

    /// <summary>Says that there is work which only this process can do; never blocks.</summary>
    void AnnounceHere(Urgency urgency);

    /// <summary>Returns when work at or above <paramref name="least"/> was announced and nobody else was told of it, or after
    /// <paramref name="atMost"/>, which may be zero. Whoever got an announcement ends it or gives it back.</summary>
    Task<Announcement> WaitAsync(Urgency least, TimeSpan atMost, CancellationToken ct);
}

/// <summary>What one worker was told. Until it ends it, the queue counts on that worker, and tells another when it is lost.</summary>
internal abstract class Announcement
{
    /// <summary>It stands for any number of tasks: whoever finds one announces again, so that the others are found too.</summary>
    public abstract bool MayBeMore { get; }

    /// <summary>The task that was found is done, or somebody else's, or there was none; never blocks.</summary>
    public abstract void End();

    /// <summary>Another worker shall be told: this one stops; never blocks.</summary>
    public abstract void GiveBack();
}
