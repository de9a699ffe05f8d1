using Sluice.Server.Catalog;

namespace Sluice.Server.Jobs;

/// <summary>How many tasks run at once in this process.</summary>
/// <param name="Background">Lanes that take anything.</param>
/// <param name="Urgent">Lanes that take <see cref="Urgency.Title"/> and above.</param>
internal sealed record LaneCounts(int Background, int Urgent)
{
    /// <summary>Fits the machine: an encode uses several cores, and whoever waits has precedence.</summary>
    public static LaneCounts For(int cores) => new(Math.Max(1, cores / 4), Math.Max(2, cores / 2));
}
