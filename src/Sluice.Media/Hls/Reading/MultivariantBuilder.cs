namespace Sluice.Media.Hls;

/// <summary>Builds a multivariant playlist (RFC 8216 section 4.3.4).</summary>
internal sealed class MultivariantBuilder(HlsSurroundings around) : PlaylistBuilder(around)
{
    /// <summary>Variants and renditions together; the largest that are seen have some hundred.</summary>
    private const int MostEntries = 2000;

    private readonly List<HlsVariant> _variants = [];
    private readonly List<HlsRendition> _renditions = [];
    private int _iFrameVariants;
    private HlsVariant? _pending;
    private HlsKey? _sessionKey;

    /// <inheritdoc />
    public override HlsPlaylist Build()
    {
        if (_pending is not null)
        {
            Remark("a variant without a URI");
        }

        return Complete(new HlsMultivariantPlaylist
        {
            Variants = _variants,
            Renditions = _renditions,
            IFrameVariants = _iFrameVariants,
            SessionKeyProblem = _sessionKey?.Problem,
        });
    }

    /// <inheritdoc />
    protected override void TakeTag(ReadOnlySpan<char> name, string value)
    {
        switch (name)
        {
            case "EXT-X-STREAM-INF":
                if (_pending is not null)
                {
                    Remark("the variant before this has no URI");
                }

                _pending = VariantOf(Attributes(value));
                break;
            case "EXT-X-I-FRAME-STREAM-INF":
                _iFrameVariants++;
                break;
            case "EXT-X-MEDIA":
                TakeRendition(Attributes(value));
                break;
            case "EXT-X-SESSION-KEY":
                // A multivariant playlist may list the keys of several systems; one that can be used is enough.
                if (KeyReading.TryRead(Attributes(value), out var key, out _) && key is not null && _sessionKey is not { Problem: null })
                {
                    _sessionKey = key;
                }

                break;
        }
    }

    /// <inheritdoc />
    protected override void TakeUri(string uri)
    {
        if (_pending is null)
        {
            Remark("a URI without EXT-X-STREAM-INF");
            return;
        }

        _variants.Add(_pending with { Uri = uri });
        _pending = null;
        CountEntries();
    }

    private HlsVariant VariantOf(AttributeList attributes)
    {
        var bandwidth = attributes.Number("BANDWIDTH");
        if (bandwidth is null)
        {
            Remark("a variant without BANDWIDTH");
        }

        PlaylistNumbers.TryResolution(attributes.Text("RESOLUTION"), out var width, out var height);
        PlaylistNumbers.TryDecimal(attributes.Text("FRAME-RATE"), out var frameRate);
        return new HlsVariant
        {
            Uri = "",
            PeakBitsPerSecond = bandwidth ?? 0,
            AverageBitsPerSecond = attributes.Number("AVERAGE-BANDWIDTH") ?? 0,
            Codecs = attributes.Text("CODECS")?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [],
            Width = width,
            Height = height,
            FrameRate = Math.Max(0, frameRate),
            VideoRange = attributes.Text("VIDEO-RANGE") ?? "SDR",
            AudioGroup = attributes.Text("AUDIO"),
            StableId = attributes.Text("STABLE-VARIANT-ID"),
            Pathway = attributes.Text("PATHWAY-ID"),
        };
    }

    private void TakeRendition(AttributeList attributes)
    {
        // Subtitles and captions are not carried in what these playlists are read for.
        var type = attributes.Text("TYPE");
        if (type is not ("AUDIO" or "VIDEO"))
        {
            return;
        }

        if (attributes.Text("GROUP-ID") is not { } group)
        {
            Remark("EXT-X-MEDIA without GROUP-ID");
            return;
        }

        var isDefault = attributes.IsYes("DEFAULT");
        _renditions.Add(new HlsRendition
        {
            IsAudio = type == "AUDIO",
            Group = group,
            Name = attributes.Text("NAME") ?? "",
            Uri = attributes.Text("URI"),
            Language = attributes.Text("LANGUAGE"),
            IsDefault = isDefault,
            AutoSelect = isDefault || attributes.IsYes("AUTOSELECT"),
        });
        CountEntries();
    }

    private void CountEntries()
    {
        if (_variants.Count + _renditions.Count > MostEntries)
        {
            Refuse(string.Create(CultureInfo.InvariantCulture, $"it has more than {MostEntries} variants and renditions"));
        }
    }
}
