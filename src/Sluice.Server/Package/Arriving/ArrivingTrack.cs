using Sluice.Media.Cmaf;

namespace Sluice.Server.Package.Arriving;

/// <summary>One track of an arriving title: the index that will be published, made as far as its bytes have landed. The title's lock guards it.</summary>
/// <param name="summary">What manifests say of it until then: foretold from its tables.</param>
/// <param name="compiler">Makes the index.</param>
/// <param name="index">Takes it.</param>
internal sealed class ArrivingTrack(TrackSummary summary, TrackCompiler compiler, ArrivingIndex index) : IDisposable
{
    /// <summary>What manifests say of it.</summary>
    public TrackSummary Summary => summary;

    /// <summary>Makes the index.</summary>
    public TrackCompiler Compiler => compiler;

    /// <summary>Takes it; heads and extents of closed segments can be read from it at any time.</summary>
    public ArrivingIndex Index => index;

    /// <summary>More segments than are closed may come.</summary>
    public bool MayGrow => compiler is { IsDone: false, Problem: null };

    /// <summary>Seconds that its closed segments play.</summary>
    public double PlayableSeconds => compiler.Entries is [.., var last]
        ? (double)(last.Timing.StartTicks + last.Timing.DurationTicks - summary.StartTicks) / summary.Timescale
        : 0;

    /// <inheritdoc />
    public void Dispose() => index.Dispose();
}
