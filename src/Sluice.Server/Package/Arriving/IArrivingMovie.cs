using Sluice.Media.Binary;

namespace Sluice.Server.Package.Arriving;

/// <summary>
/// The MP4 that an arriving title is compiled from: the file that comes itself, or what is repackaged of it meanwhile. It only ever grows at its end;
/// its length is what it will be, or a bound of that until it is known.
/// </summary>
internal interface IArrivingMovie : IByteSource, IDisposable
{
    /// <summary>Every byte before this one is there.</summary>
    long LandedBytes { get; }

    /// <summary>It was begun anew, and what of it had been there when it was is not there yet; it will be soon.</summary>
    bool IsBehind { get; }

    /// <summary>Why nothing more comes although it is not whole, in words for a person; null otherwise.</summary>
    string? Problem { get; }
}
