namespace Sluice.Media.Hls;

/// <summary>What both kinds of playlists have in common: tags told apart, variables, remarks, and the first thing that is
/// not to be got over.</summary>
internal abstract class PlaylistBuilder(HlsSurroundings around)
{
    private const int MostRemarks = 16;

    private readonly List<HlsProblem> _remarks = [];
    private readonly PlaylistVariables _variables = new();
    private int _line;
    private int _version = 1;
    private bool _independent;
    private HlsStart? _start;

    /// <summary>Why it cannot be read; null while it can.</summary>
    public HlsProblem? Problem { get; private set; }

    /// <summary>Takes one line, in order.</summary>
    public void Take(int number, ReadOnlySpan<char> line)
    {
        _line = number;
        if (line[0] != '#')
        {
            TakeUri(Expand(line.ToString()));
            return;
        }

        if (!line.StartsWith("#EXT", StringComparison.Ordinal))
        {
            return;
        }

        var colon = line.IndexOf(':');
        var name = colon < 0 ? line[1..] : line[1..colon].TrimEnd();
        var value = colon < 0 ? "" : line[(colon + 1)..].Trim().ToString();
        if (!TakeCommon(name, value))
        {
            TakeTag(name, value);
        }
    }

    /// <summary>A second header: two files in one. The first is the one that was asked for.</summary>
    public void RemarkSecond(int number)
    {
        _line = number;
        Remark("a second playlist begins here, which is left out");
    }

    /// <summary>The playlist; null together with a <see cref="Problem"/>.</summary>
    public abstract HlsPlaylist? Build();

    /// <summary>A tag that only this kind has.</summary>
    protected abstract void TakeTag(ReadOnlySpan<char> name, string value);

    /// <summary>A line that is no tag.</summary>
    protected abstract void TakeUri(string uri);

    protected void Refuse(string text) => Problem ??= new HlsProblem(_line, text);

    /// <summary>Refuses the whole and no line of it.</summary>
    protected void RefuseAll(string text) => Problem ??= new HlsProblem(0, text);

    protected void Remark(string text)
    {
        if (_remarks.Count < MostRemarks)
        {
            _remarks.Add(new HlsProblem(_line, text));
        }
    }

    protected AttributeList Attributes(string value) => AttributeList.Read(value, Expand);

    /// <summary>Gives a playlist what every one has.</summary>
    protected HlsPlaylist Complete(HlsPlaylist playlist) => playlist with
    {
        Version = _version,
        IndependentSegments = _independent,
        Start = _start,
        Variables = _variables.Values,
        Remarks = _remarks,
    };

    private string Expand(string text)
    {
        var expanded = _variables.Expand(text, out var problem);
        if (problem is not null)
        {
            Refuse(problem);
        }

        return expanded;
    }

    private bool TakeCommon(ReadOnlySpan<char> name, string value)
    {
        switch (name)
        {
            case "EXT-X-VERSION":
                _version = PlaylistNumbers.TryInteger(value, out var version) && version is > 0 and < 1000 ? (int)version : _version;
                return true;
            case "EXT-X-INDEPENDENT-SEGMENTS":
                _independent = true;
                return true;
            case "EXT-X-START":
                TakeStart(Attributes(value));
                return true;
            case "EXT-X-DEFINE":
                Define(AttributeList.Read(value, static text => text));
                return true;
            default:
                return false;
        }
    }

    private void TakeStart(AttributeList attributes)
    {
        if (PlaylistNumbers.TrySignedSeconds(attributes.Text("TIME-OFFSET"), out var offset))
        {
            _start = new HlsStart(offset, attributes.IsYes("PRECISE"));
        }
        else
        {
            Remark("EXT-X-START without a time");
        }
    }

    private void Define(AttributeList attributes)
    {
        var (name, value) = attributes switch
        {
            _ when attributes.Text("NAME") is { } own => (own, attributes.Text("VALUE") ?? ""),
            _ when attributes.Text("IMPORT") is { } import => (import, around.Variables.GetValueOrDefault(import)),
            _ when attributes.Text("QUERYPARAM") is { } query => (query, around.Query.GetValueOrDefault(query)),
            _ => (null, null),
        };
        if (name is null)
        {
            Refuse("EXT-X-DEFINE defines nothing");
        }
        else if (value is null)
        {
            Refuse($"the variable {name} is not there to be taken over");
        }
        else if (!_variables.TryDefine(name, value))
        {
            Refuse("it defines too many variables");
        }
    }
}
