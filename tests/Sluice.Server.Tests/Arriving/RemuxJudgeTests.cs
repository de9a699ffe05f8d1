using Shouldly;
using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Server.Hosting;
using Sluice.Server.Package.Arriving;
using Sluice.Server.Probe;
using Sluice.Server.Processes;
using Sluice.Server.Transcode;
using Xunit;

namespace Sluice.Server.Tests.Arriving;

/// <summary>What the beginning of a file tells of whether it can be repackaged as it comes.</summary>
public sealed class RemuxJudgeTests(FollowedFilms films) : IClassFixture<FollowedFilms>
{
    private static readonly FfmpegTools Tools = new();
    private readonly RemuxJudge _judge = new(new HeadReader(Tools), Tools, new SluiceOptions());

    [Theory]
    [InlineData("mkv", 40)]
    [InlineData("ts", 0)]
    [InlineData("flv", 40)]
    public async Task The_same_answer_is_given_however_much_has_landed(string kind, double seconds)
    {
        var film = films.Of(kind);
        var early = await LookAsync(film, 200_000);
        early.Plays.ShouldBe(ArrivalPlays.Now);
        early.DurationSeconds.ShouldBe(seconds, 0.2);
        early.Remuxed!.Streams.Select(s => s.Codec).ShouldBe(["h264", "aac"]);
        early.Tracks.Select(t => (t.Id, t.Action)).ShouldBe([("v0", "remux"), ("a0", "remux")], ignoreOrder: true);

        var late = await LookAsync(film, film.Length);
        late.Manner(6).ShouldBe(early.Manner(6));
        late.Manner(4).ShouldNotBe(early.Manner(6));
    }

    [Fact]
    public async Task Too_little_is_asked_for_more()
    {
        (await LookAsync(films.Matroska, 100)).ShouldBe(new ArrivalLook(ArrivalPlays.Unknown, 8192));
        (await LookAsync(films.Matroska, 10_000)).ShouldBe(new ArrivalLook(ArrivalPlays.Unknown, 128 << 10));
    }

    [Fact]
    public async Task What_is_to_be_encoded_or_has_no_picture_or_is_no_stream_waits_for_its_end()
    {
        (await LookAsync(films.Dolby, films.Dolby.Length / 2)).Plays.ShouldBe(ArrivalPlays.AtEnd);
        (await LookAsync([.. "RIFF    AVI LIST"u8, .. new byte[9000]], 9000)).Plays.ShouldBe(ArrivalPlays.AtEnd);
        (await LookAsync([.. "nothing that plays"u8, .. new byte[9000]], 9000)).Plays.ShouldBe(ArrivalPlays.NotMovie);
    }

    [Fact]
    public async Task A_sound_that_has_not_begun_is_waited_for_or_ffmpeg_would_hold_the_film_in_memory()
    {
        (await LookAsync(films.LateSound, films.LateSound.Length / 20)).Plays.ShouldBe(ArrivalPlays.Unknown, "it may begin a little later");
        var half = await LookAsync(films.LateSound, films.LateSound.Length / 2);
        half.Plays.ShouldNotBe(ArrivalPlays.Now);
    }

    private Task<ArrivalLook> LookAsync(byte[] film, int landed) => _judge.LookAsync(new Landed(film, landed), landed, TestContext.Current.CancellationToken);

    private sealed class Landed(byte[] film, int landed) : IByteSource
    {
        public long Length => film.Length;

        public int Read(long offset, Span<byte> destination)
        {
            var count = (int)Math.Clamp(landed - offset, 0, destination.Length);
            film.AsSpan((int)offset, count).CopyTo(destination);
            return count;
        }
    }
}
