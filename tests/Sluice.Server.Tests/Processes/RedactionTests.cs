using Shouldly;
using Sluice.Server.Processes;
using Xunit;

namespace Sluice.Server.Tests.Processes;

public class RedactionTests
{
    [Theory]
    [InlineData("/var/lib/sluice/media/ab/source: Invalid data found", "source: Invalid data found")]
    [InlineData("Error opening '/srv/my films/secret place/film.mp4'.", "Error opening 'film.mp4'.")]
    [InlineData("[mov @ 0x55d] file:/srv/x/y.mov: moov atom not found", "[mov @ 0x55d] file:y.mov: moov atom not found")]
    [InlineData("opening /tmp/", "opening tmp")]
    [InlineData("data folder/with space/source and data folder/with space", "source and …")]
    [InlineData("C:\\Users\\me\\film.mp4 is odd", "film.mp4 is odd")]
    [InlineData("24000/1001 fps, N/A, 16/9, and/or", "24000/1001 fps, N/A, 16/9, and/or")]
    public void Folders_go_and_names_stay(string text, string expected) =>
        Redaction.Redact(text, ["data folder/with space"]).ShouldBe(expected);

    [Theory]
    [InlineData("")]
    [InlineData("file:")]
    public async Task A_tail_names_no_folder(string before)
    {
        var folder = Directory.CreateTempSubdirectory("sluice tail ");
        try
        {
            var file = Path.Combine(folder.FullName, "a film.mp4");
            await using var child = await Shell.StartAsync(Shell.Script("echo \"$1: no good\" >&2", null, before + file));
            await child.Completion;

            child.ErrorTail.ShouldBe(before + "a film.mp4: no good");
        }
        finally
        {
            folder.Delete();
        }
    }
}
