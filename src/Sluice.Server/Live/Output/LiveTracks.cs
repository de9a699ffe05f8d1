namespace Sluice.Server.Live.Output;

/// <summary>What live HLS lists of a channel. Set by whoever writes the logs, before the first of their segments is whole; read by any
/// number of requests.</summary>
internal sealed class LiveTracks
{
    private LiveTrack[] _all = [];
    private LiveTrack[] _past = [];

    /// <summary>One track is a playlist of its own; of several, the first is what is seen and the others are sound for it.</summary>
    public IReadOnlyList<LiveTrack> All => Volatile.Read(ref _all);

    /// <summary>Those that were listed and are fed no more: players see the end of them.</summary>
    public IReadOnlyList<LiveTrack> Past => Volatile.Read(ref _past);

    /// <summary>The channel's own playlist is a menu of tracks. It stays what it was at first: a player that loads it again expects that.</summary>
    public bool IsMenu { get; private set; }

    /// <summary>Sets them. Names that were there before are the same tracks, of which more is known.</summary>
    public void Set(params LiveTrack[] tracks)
    {
        if (All.Count == 0)
        {
            IsMenu = tracks.Length > 1;
        }

        Volatile.Write(ref _all, tracks);
    }

    /// <summary>Lists another track instead of all that are.</summary>
    public void Replace(LiveTrack by)
    {
        Volatile.Write(ref _past, [.. _past, .. _all]);
        Volatile.Write(ref _all, [by]);
    }

    /// <summary>Sets all to what another server lists.</summary>
    /// <param name="listed">Those that are fed.</param>
    /// <param name="past">Those that were.</param>
    public void Mirror(LiveTrack[] listed, LiveTrack[] past)
    {
        Volatile.Write(ref _past, past);
        Set(listed);
    }

    /// <summary>The track of a name, listed or past; null when there is none.</summary>
    public LiveTrack? Find(string name) => All.Concat(Past).FirstOrDefault(track => track.Name == name);
}
