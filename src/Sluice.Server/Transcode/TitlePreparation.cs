using System.Security.Cryptography;
using Sluice.Media.Cmaf;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Package;
using Sluice.Server.Package.Making;
using Sluice.Server.Probe;
using Sluice.Server.Processes;
using Sluice.Server.Store;
using Sluice.Server.Transcode.Extras;

namespace Sluice.Server.Transcode;

/// <summary>
/// The packaging step of the server: the least work that makes a file play.
/// <code>
///   1 copy what browsers play ──► all of it: ready                    (renditions below it are a job for later)
///   2 ffprobe ──► good codecs in another container: a job repackages them, unless that was done while they arrived
///   3 plan what must be encoded ──► ready at once, chunks on demand
/// </code>
/// Without ffmpeg it ends after step 1, and says what is missing.
/// </summary>
internal sealed class TitlePreparation(
    Packager packager, SourceTriage triage, SourceReader reader, TitlePlanner planner, ArrivedRemux arrived, FfmpegTools tools, RightOfWay way,
    SluiceOptions options)
{
    /// <summary>Prepares the staged source of an asset.</summary>
    public async Task<PackageResult> PackageAsync(IObjectStage stage, AssetId asset, PackageWish wish, CancellationToken ct)
    {
        var source = stage.PathOf(ObjectKey.Source(asset).Name);
        var missing = await MissingAsync(ct);
        if (missing is null)
        {
            using var turn = way.Take(); // Somebody waits for the answer to an upload.
            return WithExtras(wish.BurnSubtitles is { } wanted
                ? await PrepareBurnedAsync(source, wanted, stage.PathOf, ct)
                : await PrepareAsync(source, stage.PathOf, isRemux: false, asset, ct));
        }

        var result = await packager.PackageAsync(stage, asset, ct);
        if (wish.BurnSubtitles is not null)
        {
            return result with { WishProblem = $"Nothing can be drawn into the picture here: {missing}." };
        }

        return result.State == AssetState.NeedsTranscode && result.RefusedReason is null
            ? result with { Reason = $"{result.Reason}; {missing}" }
            : result;
    }

    /// <summary>Prepares the source of a title that is kept and does not play.</summary>
    /// <param name="path">The source.</param>
    /// <param name="pathOf">Where an object of that name goes.</param>
    /// <param name="ct">Ends it.</param>
    public async Task<PackageResult> AgainAsync(string path, Func<string, string> pathOf, CancellationToken ct)
    {
        if (await MissingAsync(ct) is { } missing)
        {
            return new PackageResult(null, AssetState.NeedsTranscode, missing, "", 0, []);
        }

        using var turn = way.Take(); // Somebody asked for it.
        return WithExtras(await PrepareAsync(path, pathOf, isRemux: false, ct));
    }

    /// <summary>Why nothing can be encoded here; null when it can.</summary>
    public Task<string?> MissingAsync(CancellationToken ct) => tools.WhyUselessAsync(options.Transcode, ct);

    private static PackageResult WithExtras(PackageResult prepared) => prepared.RefusedReason is not null || prepared.State == AssetState.NeedsTranscode
        ? prepared
        : prepared with { Jobs = [.. prepared.Jobs, ExtrasJob.For()] };

    /// <summary>Prepares a file with ffmpeg at hand.</summary>
    /// <param name="path">The file.</param>
    /// <param name="pathOf">Where an object of that name goes.</param>
    /// <param name="isRemux">It is the repackaged one.</param>
    /// <param name="ct">Ends it.</param>
    public Task<PackageResult> PrepareAsync(string path, Func<string, string> pathOf, bool isRemux, CancellationToken ct) =>
        PrepareAsync(path, pathOf, isRemux, null, ct);

    private async Task<PackageResult> PrepareAsync(string path, Func<string, string> pathOf, bool isRemux, AssetId? arriving, CancellationToken ct)
    {
        // :: Step 1
        var copy = await Task.Run(() => packager.Copy(path, id => pathOf(ObjectKey.Index(default, id).Name), besideEncoded: true, ct), ct);
        var result = copy.Result;
        var video = CopiedVideoOf(result);
        if (PlaysEverywhere(copy))
        {
            return video is null || !options.Transcode.LadderForCopied ? result : await WithLaterLadderAsync(result, copy.OriginSeconds, isRemux, pathOf, ct);
        }

        // :: Step 2
        if (result.Tracks.Count == 0)
        {
            var verdict = await triage.JudgeOtherAsync(path, result.RefusedReason, ct);
            return verdict.Fate switch
            {
                SourceFate.Remux => await RemuxedAsync(arriving, verdict, pathOf, ct),
                SourceFate.Encode => await EncodeAllAsync(path, verdict, [], EncodeManner.Library, pathOf, ct),
                SourceFate.Refused => result with { RefusedReason = verdict.Reason, Tracks = verdict.TrackVerdicts },
                _ => result with { RefusedReason = null, Reason = verdict.Reason },
            };
        }

        if (result.RefusedReason is not null)
        {
            return result;
        }

        var (facts, unreadable) = await reader.ReadAsync(path, ct);
        if (facts is null)
        {
            return result with { Reason = unreadable ?? result.Reason };
        }

        // :: Step 3
        if (copy.IsBroken)
        {
            foreach (var id in result.Tracks.Select(t => t.Id).OfType<string>())
            {
                File.Delete(pathOf(ObjectKey.Index(default, id).Name));
            }

            return await EncodeAllAsync(path, StreamTriage.Judge(facts, mayRemux: false), [], EncodeManner.Library, pathOf, ct);
        }

        return await EncodeBesideAsync(path, pathOf, copy, facts, EncodeManner.Library, isRemux, ct);
    }

    /// <summary>A picture into which something is drawn is encoded, and all else for as long: see <see cref="EncodeAllAsync"/>.</summary>
    private async Task<PackageResult> PrepareBurnedAsync(string path, string wanted, Func<string, string> pathOf, CancellationToken ct)
    {
        var (facts, unreadable) = await reader.ReadAsync(path, ct);
        if (facts is null)
        {
            return new PackageResult(unreadable ?? "ffmpeg can make nothing of it", AssetState.NeedsTranscode, null, "", 0, []);
        }

        var choice = BurnChoice.Find(facts, wanted);
        return choice.Stream is null
            ? new PackageResult(null, AssetState.NeedsTranscode, null, "", 0, []) { WishProblem = choice.Problem }
            : await EncodeAllAsync(path, StreamTriage.Judge(facts, burned: choice.Stream), [], EncodeManner.Library, pathOf, ct);
    }

    /// <summary>Not every browser plays it, so something else is encoded beside it.</summary>
    public static bool IsHevc(string codecs) =>
        codecs.StartsWith("hvc1", StringComparison.Ordinal) || codecs.StartsWith("hev1", StringComparison.Ordinal);

    /// <summary>Encodes all that is offered of a file that is no MP4, or none that can be copied.</summary>
    /// <param name="path">The file, or the address of a relay.</param>
    /// <param name="verdict">What is offered of it.</param>
    /// <param name="taken">What the title is offered as until then, whose names are not used again.</param>
    /// <param name="manner">How much of it.</param>
    /// <param name="pathOf">Where an object of that name goes.</param>
    /// <param name="ct">Ends it.</param>
    public async Task<PackageResult> EncodeAllAsync(
        string path, SourceVerdict verdict, IReadOnlyList<Rendition> taken, EncodeManner manner, Func<string, string> pathOf, CancellationToken ct)
    {
        if (verdict is { Fate: SourceFate.Refused } or { Facts: null })
        {
            return new PackageResult(null, AssetState.NeedsTranscode, verdict.Reason, "", verdict.DurationSeconds, verdict.TrackVerdicts);
        }

        var source = SourceOf(path, verdict.Facts, verdict) with
        {
            Manner = manner,
            FirstVideo = RenditionNumbers.FirstFree(taken, "video"),
            FirstAudio = RenditionNumbers.FirstFree(taken, "audio"),
        };
        var planned = await PlanAsync(source, verdict.TrackVerdicts, verdict.Facts, pathOf, ct);
        return planned.State != AssetState.Ready ? planned : planned with
        {
            Reason = verdict.Loss,
            Zero = new TitleZero((long)Math.Round(source.StartSeconds * 1000), source.OriginSeconds),
            // In front of what is encoded in the background: it takes a moment, and an encode may take a day.
            Jobs = verdict.Tracks.Any(t => t.Follows) ? [new NewJob(JobKind.Remux, [NewTask.Beside()]), .. planned.Jobs] : planned.Jobs,
        };
    }

    /// <summary>Ready now; what goes beside is planned by the job. All that it cannot find out again is the origin.</summary>
    private static async Task<PackageResult> WithLaterLadderAsync(
        PackageResult result, long origin, bool isRemux, Func<string, string> pathOf, CancellationToken ct)
    {
        var plan = new EncodePlan { OriginSeconds = origin, ReadsRemux = isRemux };
        await File.WriteAllBytesAsync(pathOf(ObjectKey.Plan(default).Name), plan.ToJson(), ct);
        return result with { Jobs = [new NewJob(JobKind.Encode, [NewTask.Beside()])] };
    }

    /// <summary>Ready with what was repackaged while it arrived; else a job repackages it.</summary>
    private async Task<PackageResult> RemuxedAsync(AssetId? arriving, SourceVerdict verdict, Func<string, string> pathOf, CancellationToken ct) =>
        arriving is { } asset
        && await arrived.PrepareAsync(asset, verdict, pathOf, remux => PrepareAsync(remux, pathOf, isRemux: true, ct), ct) is { } ready
            ? ready
            : Remuxed(verdict);

    private static PackageResult Remuxed(SourceVerdict verdict) => new(
        null, AssetState.Processing, verdict.Reason, "", verdict.DurationSeconds, verdict.TrackVerdicts)
    {
        Jobs = [new NewJob(JobKind.Remux, [new NewTask(Urgency.Title)])],
    };

    private static EncodeSource SourceOf(string path, SourceFacts facts, SourceVerdict verdict) => new()
    {
        Path = path,
        StartSeconds = facts.StartSeconds,
        StartsAtZero = true,
        Video = verdict.OfferedPicture is not { } picture ? null
            : EncodeSources.Picture(picture, facts, facts.StartSeconds, isOffered: false) with { BurnedSubtitle = verdict.Burned?.Index },
        Audio = [.. verdict.OfferedSounds.Select((s, i) => EncodeSources.Sound(s, facts, facts.StartSeconds, i == 0))],
    };

    /// <summary>Nothing of an MP4 is to be encoded: it was copied, and all browsers play it.</summary>
    public static bool PlaysEverywhere(CopyResult copy) =>
        copy is { Result: { State: AssetState.Ready, RefusedReason: null }, ToEncode.Count: 0 } && IsUniversal(CopiedVideoOf(copy.Result));

    private static bool IsUniversal(TrackVerdict? copiedVideo) => copiedVideo?.Codecs is null || !IsHevc(copiedVideo.Codecs);

    private static TrackVerdict? CopiedVideoOf(PackageResult result) => result.Tracks.FirstOrDefault(t => t is { Kind: "video", Id: not null });

    /// <summary>Plans what of an MP4 is encoded beside the tracks that were copied.</summary>
    /// <param name="path">The file, or the address of a relay.</param>
    /// <param name="pathOf">Where an object of that name goes; those of the tracks that were copied are there.</param>
    /// <param name="copy">What was copied.</param>
    /// <param name="facts">The file as ffprobe sees it.</param>
    /// <param name="manner">How much of it.</param>
    /// <param name="isRemux">It is the repackaged one.</param>
    /// <param name="ct">Ends it.</param>
    public async Task<PackageResult> EncodeBesideAsync(
        string path, Func<string, string> pathOf, CopyResult copy, SourceFacts facts, EncodeManner manner, bool isRemux, CancellationToken ct)
    {
        var result = copy.Result;
        var copiedVideo = CopiedVideoOf(result);
        var isUniversal = IsUniversal(copiedVideo);
        var streams = copy.ToEncode.Select(t => facts.Streams.FirstOrDefault(s => (copy.CountsStreams ? s.Index : s.Id) == t.TrackId)).OfType<StreamFacts>().ToList();
        var picture = copiedVideo is null ? streams.FirstOrDefault(s => s.Kind == StreamKind.Video)
            : isUniversal && (manner.OneSize || !options.Transcode.LadderForCopied) ? null
            : facts.Picture;
        var copiedAudios = result.Tracks.Count(t => t is { Kind: "audio", Id: not null });
        var sounds = streams.Where(s => s.Kind == StreamKind.Audio).ToList();
        var table = copiedVideo is null ? null : await TableAsync(pathOf(ObjectKey.Index(default, copiedVideo.Id!).Name), ct);
        var source = new EncodeSource
        {
            Path = path,
            Manner = manner,
            IsRemux = isRemux,
            StartSeconds = facts.StartSeconds,
            StartsAtZero = false,
            Video = picture is null ? null : EncodeSources.Picture(picture, facts, 0, isOffered: copiedVideo is not null && isUniversal),
            Audio = [.. sounds.Select((s, i) => EncodeSources.Sound(s, facts, 0, i == 0 && copiedAudios == 0))],
            Copied = table,
            CopiedFrames = picture is null || copiedVideo is null ? null : await FramesAsync(pathOf(ObjectKey.Index(default, copiedVideo.Id!).Name), ct),
            CopiedVideos = copiedVideo is null ? 0 : 1,
            CopiedAudios = copiedAudios,
            OriginSeconds = copy.OriginSeconds,
        };
        var copied = result.Tracks.Where(t => t.Id is not null)
            .Select(t => new Rendition(t.Id!, t.Kind, IsEncoded: false, IsListed: true, t.Description));
        var planned = await PlanAsync(source, result.Tracks, facts, pathOf, ct);
        if (planned.State != AssetState.Ready && copied.Any())
        {
            // What plays as it is does so, whatever becomes of the rest.
            return result with { State = AssetState.Ready, Reason = $"some of it is missing: {planned.Reason}" };
        }

        return planned.State != AssetState.Ready ? planned : planned with
        {
            Renditions = [.. copied, .. planned.Renditions],
            Version = Hash(result.Version + planned.Version),
            DurationSeconds = Math.Max(result.DurationSeconds, facts.DurationSeconds),
        };
    }

    private async Task<PackageResult> PlanAsync(
        EncodeSource source, IReadOnlyList<TrackVerdict> tracks, SourceFacts facts, Func<string, string> pathOf, CancellationToken ct)
    {
        var plan = await planner.PlanAsync(source, pathOf, ct);
        if (plan.Problem is { } problem)
        {
            return new PackageResult(null, AssetState.NeedsTranscode, problem, "", facts.DurationSeconds, tracks);
        }

        if (plan.Renditions.Count == 0)
        {
            return new PackageResult(null, AssetState.Ready, facts.TruncatedNote, "", facts.DurationSeconds, tracks); // What is copied is all.
        }

        var version = Hash(Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(pathOf(ObjectKey.Plan(default).Name), ct))));
        return new PackageResult(null, AssetState.Ready, facts.TruncatedNote, version, facts.DurationSeconds, tracks)
        {
            Renditions = plan.Renditions,
            EncodedBytes = plan.MostBytes,
            Jobs = [new NewJob(JobKind.Encode, source.Manner.MostChunkBytes is null ? EncodeTasks.Of(plan, options.Transcode) : [])],
        };
    }

    private static async Task<RenditionTable?> TableAsync(string path, CancellationToken ct)
    {
        var bytes = await File.ReadAllBytesAsync(path, ct);
        return TrackIndexReader.TryOpen(new Media.Binary.MemoryByteSource(bytes)) is { } index
            ? new RenditionTable(index.Summary, index.Init.ToArray(), index.ReadTimings())
            : throw new InvalidDataException("The track index cannot be read back.");
    }

    private static async Task<CopiedFrames?> FramesAsync(string path, CancellationToken ct)
    {
        using var index = new LocalObjectReader(path);
        return await CopiedFrames.ReadAsync(index, ct);
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(text)))[..12];
}
