namespace Sluice.Server.Transcode;

/// <summary>What is done after a run that broke.</summary>
internal enum AfterTrouble
{
    /// <summary>The same chunk is tried again.</summary>
    Again,

    /// <summary>It is left for another attempt at the task; the next chunks are made.</summary>
    LeaveOut,

    /// <summary>Black and silence take its place.</summary>
    StandIn,

    /// <summary>The attempt ends.</summary>
    GiveUp,
}

/// <summary>
/// What went wrong in one attempt at a task, and what follows from it. A chunk at which the encoder fails twice cannot be encoded: it
/// is black and silent for ever. But an encoder that was ended from outside, most likely for want of memory, says nothing about the
/// source: it is begun again with less memory, and what cannot be made so is left for another attempt.
/// </summary>
/// <param name="chunkCount">Chunks of the task.</param>
/// <param name="placeholders">Those that are black and silent already.</param>
internal sealed class RunTroubles(int chunkCount, int placeholders = 0)
{
    /// <summary>Seconds read before a run's start: the first try, and the next. A container without an index may need to be read from
    /// far before.</summary>
    private static readonly double[] PreRolls = [1, 15];

    /// <summary>A task in which more than this part cannot be encoded has another trouble than a scratch.</summary>
    private const double MostPlaceholders = 0.5;

    /// <summary>Encoders ended from outside at one chunk until it is left out.</summary>
    private const int MostKillsOfAChunk = 2;

    /// <summary>Encoders ended from outside until the attempt ends: the machine is better left alone for a while.</summary>
    private const int MostKills = 4;

    private readonly HashSet<int> _leftOut = [];
    private int _brokenAt;
    private int _tries;
    private int _killsHere;
    private int _kills;
    private int _placeholders = placeholders;

    /// <summary>The run that left a chunk out; null when none did.</summary>
    public RunOutcome? Left { get; private set; }

    /// <summary>Chunks that were left out.</summary>
    public IReadOnlyCollection<int> LeftOut => _leftOut;

    /// <summary>How the next run reads its source.</summary>
    public Reading Reading => new(PreRolls[_tries], IsSparing);

    /// <summary>An encoder was ended from outside: until the end of the attempt there is one rendition at a time.</summary>
    public bool IsSparing => _kills > 0;

    /// <summary>The next run is to make one chunk alone: what breaks an encoder lies behind where its output ends.</summary>
    public bool IsCareful => _tries > 0 || IsSparing;

    /// <summary>A run ended well.</summary>
    public void Over() => _tries = 0;

    /// <summary>A run broke at this chunk.</summary>
    public AfterTrouble After(int chunk, RunOutcome outcome)
    {
        if (chunk != _brokenAt)
        {
            (_brokenAt, _tries, _killsHere) = (chunk, 0, 0);
        }

        return outcome.IsFromOutside ? AfterKill(chunk, outcome) : AfterFailure();
    }

    private AfterTrouble AfterKill(int chunk, RunOutcome outcome)
    {
        if (++_kills >= MostKills)
        {
            return AfterTrouble.GiveUp;
        }

        if (++_killsHere < MostKillsOfAChunk)
        {
            return AfterTrouble.Again;
        }

        _leftOut.Add(chunk);
        Left = outcome;
        return AfterTrouble.LeaveOut;
    }

    private AfterTrouble AfterFailure()
    {
        if (++_tries < PreRolls.Length)
        {
            return AfterTrouble.Again;
        }

        _tries = 0;
        return ++_placeholders > Math.Max(1, chunkCount * MostPlaceholders) ? AfterTrouble.GiveUp : AfterTrouble.StandIn;
    }
}
