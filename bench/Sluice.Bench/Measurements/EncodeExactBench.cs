using System.Globalization;
using Sluice.Bench.Encoded;

namespace Sluice.Bench.Measurements;

/// <summary>Two hours with a flash and a click each second, encoded chunk by chunk: every frame at its time, beside one pass, and flash
/// and click together at the end.</summary>
internal static class EncodeExactBench
{
    /// <summary>Segments from the end that are looked at: of two seconds each.</summary>
    private const int EndSegments = 16;

    private const int EndSeconds = 30;

    public static async Task RunAsync(Workshop workshop, Report report)
    {
        var (counts, ends) = (new List<string[]>(), new List<string[]>());
        foreach (var film in ClickFilm.Both)
        {
            await MeasureAsync(workshop, report, film, counts, ends);
        }

        report.Text("320x180 MPEG-4 and FLAC in Matroska, whose times are rounded to milliseconds: black, every second (24 frames of 24000/1001, 25 of 25) a white frame and a click "
            + "of 20 ms, 1 kHz. Sluice encodes it at 180p and AAC in runs of 300 s, the default; every segment is read over HTTP. Beside it one ffmpeg process on the same file "
            + $"({OnePass.Description}). Times of video packets are compared one by one, from the title's zero; those of sound packets from zero on; before "
            + "lies the encoder's priming.");
        report.Table(["", "frames, chunked", "frames, one pass", "key frames, both", "sound packets, chunked", "sound packets, one pass", "sound − picture at the start, chunked", "one pass"], counts);
        report.Text($"The last {EndSeconds} s, decoded: a flash is a frame with a mean luma above 128, a click begins in the first millisecond above −12 dBFS. Numbers are the largest of all "
            + "flashes and clicks there.");
        report.Table(["", "flashes", "clicks", "click from its flash, chunked", "click from its flash, source", "flash from the source's", "click from the source's", "a frame"], ends);
    }

    private static async Task MeasureAsync(Workshop workshop, Report report, ClickFilm film, List<string[]> counts, List<string[]> ends)
    {
        var path = await film.MakeAsync(workshop.Films);
        var data = workshop.NewFolder();
        var folder = workshop.NewFolder();
        await using var sluice = await SluiceServer.StartAsync(workshop, data);
        var title = await sluice.PublishAsync(path);
        await sluice.JobDoneAsync(title.Id);
        using var viewer = new Viewer();
        var plan = await EncodePlanFacts.ReadAsync(data, title);
        var lists = await viewer.OpenAsync(title.Hls);
        var chunked = await Rendered.ReadAsync(viewer, title, folder);
        var onePass = Path.Combine(folder, "one-pass.mp4");
        await OnePass.RunAsync(path, plan, onePass);

        // Every frame and every packet of sound.
        var (picture, peerPicture) = ((await Packets.ReadAsync(chunked["v0"], "v:0")).Since(plan.OriginSeconds * plan.Video.Timescale), await Packets.ReadAsync(onePass, "v:0"));
        var (sound, peerSound) = ((await Packets.ReadAsync(chunked["a0"], "a:0")).Since(plan.OriginSeconds * ClickFilm.SampleRate), (await Packets.ReadAsync(onePass, "a:0")).Since(0));
        var common = Math.Min(sound.Times.Length, peerSound.Times.Length);
        report.Bar($"{film.Name}: frames and their times as in one pass", picture.Times.SequenceEqual(peerPicture.Times), $"{picture.Times.Length} frames");
        report.Bar($"{film.Name}: key frames as in one pass", picture.Keys.SequenceEqual(peerPicture.Keys), $"{picture.Keys.Length}");
        report.Bar($"{film.Name}: times of sound packets as in one pass, and as many but for the last two",
            sound.Times.AsSpan(0, common).SequenceEqual(peerSound.Times.AsSpan(0, common)) && Math.Abs(sound.Times.Length - peerSound.Times.Length) <= 2,
            $"{sound.Times.Length}, {peerSound.Times.Length}");
        var (offset, peerOffset) = (Offset(picture, sound, plan), Offset(peerPicture, peerSound, plan));
        report.Bar($"{film.Name}: sound and picture begin as in one pass", offset == peerOffset, Milliseconds(offset));
        counts.Add([
            film.Name, $"{picture.Times.Length}", $"{peerPicture.Times.Length}", $"{picture.Keys.Length}", $"{sound.Times.Length}", $"{peerSound.Times.Length}",
            Milliseconds(offset), Milliseconds(peerOffset)]);

        // What is seen and heard at the end.
        var end = picture.Times[^1] / (double)plan.Video.Timescale;
        var seek = (end - EndSeconds - 2).ToString("F3", CultureInfo.InvariantCulture);
        var source = new Beats(await ClickTrack.FlashesAsync("-ss", seek, "-i", path), await ClickTrack.ClicksAsync("-ss", seek, "-i", path)).Between(end - EndSeconds, end);
        var ours = new Beats(
            await ClickTrack.FlashesAsync("-i", await Rendered.ReadEndAsync(viewer, lists.First(l => l.IsVideo), EndSegments, folder)),
            await ClickTrack.ClicksAsync("-i", await Rendered.ReadEndAsync(viewer, lists.First(l => !l.IsVideo), EndSegments, folder)))
            .Since(plan.OriginSeconds).Between(end - EndSeconds, end);
        var frame = (double)film.Denominator / film.Numerator;
        var drift = new[] { Apart(ours.Flashes, ours.Clicks), Apart(source.Flashes, source.Clicks), Apart(ours.Flashes, source.Flashes), Apart(ours.Clicks, source.Clicks) };
        report.Bar($"{film.Name}: after two hours flash and click within one frame of each other and of the source",
            source.Flashes.Length >= EndSeconds - 2 && drift.All(d => d <= frame), Milliseconds(drift.Max()));
        ends.Add([film.Name, $"{ours.Flashes.Length}", $"{ours.Clicks.Length}", .. drift.Select(Milliseconds), Milliseconds(frame)]);
        Directory.Delete(folder, recursive: true);
    }

    private static double Offset(Packets picture, Packets sound, EncodePlanFacts plan) =>
        (sound.Times[0] / (double)ClickFilm.SampleRate) - (picture.Times[0] / (double)plan.Video.Timescale);

    /// <summary>The largest distance of two that belong together; infinite when there are not as many.</summary>
    private static double Apart(double[] some, double[] others) =>
        some.Length == others.Length ? some.Zip(others, (a, b) => Math.Abs(a - b)).DefaultIfEmpty(double.PositiveInfinity).Max() : double.PositiveInfinity;

    private static string Milliseconds(double seconds) => (seconds * 1000).ToString("F1", CultureInfo.InvariantCulture) + " ms";

    private sealed record Beats(double[] Flashes, double[] Clicks)
    {
        public Beats Since(double seconds) => new([.. Flashes.Select(t => t - seconds)], [.. Clicks.Select(t => t - seconds)]);

        /// <summary>Those whose flash lies there; a click that is late or early by less than half a second stays with its flash.</summary>
        public Beats Between(double first, double last)
        {
            var flashes = Flashes.Where(t => t >= first && t < last - 0.5).ToArray();
            return flashes.Length == 0 ? new Beats([], []) : new Beats(
                flashes, [.. Clicks.Where(t => t > flashes[0] - 0.5 && t < flashes[^1] + 0.5)]);
        }
    }
}
