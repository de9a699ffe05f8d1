using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Probe;
using Xunit;

namespace Sluice.Server.Tests.Probe;

/// <summary>Chapters as ffprobe tells them: nothing of it is trusted.</summary>
public sealed class ChapterReadingTests
{
    [Fact]
    public void They_count_from_the_titles_beginning_and_end_where_the_next_one_begins() =>
        Read(1.4, 100, Raw("1.4", "31.4", "One"), Raw("31.4", "61.4", "Two <b>&</b> more"), Raw("61.4", "999", null)).ShouldBe(
        [
            new Chapter(0, 30, "One"),
            new Chapter(30, 60, "Two <b>&</b> more"),
            new Chapter(60, 100, null),
        ]);

    [Fact]
    public void They_are_in_order_and_none_lies_within_another_or_behind_the_end() =>
        Read(0, 50, Raw("20", "30", "C"), Raw("0", "45", "A"), Raw("10", "5", "B"), Raw("10", "12", "again"), Raw("60", "70", "behind")).ShouldBe(
        [
            new Chapter(0, 10, "A"),
            new Chapter(10, 20, "B"),
            new Chapter(20, 30, "C"),
        ]);

    [Fact]
    public void One_alone_leads_nowhere() => Read(0, 100, Raw("0", "100", "All of it")).ShouldBeEmpty();

    [Fact]
    public void What_has_no_time_is_left_out() =>
        Read(0, 100, Raw("N/A", "3", "x"), Raw(null, null, "y"), Raw("1e300", "1e301", "z"), Raw("7", "8", "B"), Raw("-5", "2", "A"))
            .ShouldBe([new Chapter(0, 2, "A"), new Chapter(7, 8, "B")]);

    [Fact]
    public void There_are_only_so_many_and_titles_only_so_long()
    {
        var many = Read(0, 5000, [.. Enumerable.Range(0, 4000).Select(n => Raw($"{n}", $"{n + 1}", new string('x', 199) + "\U0001F3AC"))]);
        many.Count.ShouldBe(ChapterReading.Most);
        many[0].Title.ShouldBe(new string('x', 199));
    }

    [Fact]
    public void Lines_and_controls_of_a_title_are_spaces() =>
        Read(0, 9, Raw("0", "1", " a\r\nb\t"), Raw("1", "2", "\u0001")).Select(c => c.Title).ShouldBe(["a  b", null]);

    private static IReadOnlyList<Chapter> Read(double start, double duration, params FfprobeChapter[] raw) => ChapterReading.Read(raw, start, duration);

    private static FfprobeChapter Raw(string? start, string? end, string? title) =>
        new(start, end, title is null ? null : new Dictionary<string, string> { ["TITLE"] = title });
}
