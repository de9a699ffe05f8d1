using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace Sluice.Server.Tests.Repository;

/// <summary>The README's pictures are there, are pictures, and are those that a test makes.</summary>
public sealed partial class ReadmePicturesTests
{
    private const string Maker = "tests/Sluice.Browser.Tests/PictureTests.cs";

    private static readonly byte[] PngSignature = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    private static string[] Named => [.. Picture().Matches(File.ReadAllText(RepositoryRoot.File("README.md"))).Select(match => match.Groups["path"].Value)];

    [Fact]
    public void Each_is_a_picture_and_is_kept_with_the_code()
    {
        Named.Length.ShouldBeGreaterThan(2);
        foreach (var path in Named)
        {
            RepositoryRoot.Files.ShouldContain(path, "the README shows a picture that is not there");
            File.ReadAllBytes(RepositoryRoot.File(path))[..PngSignature.Length].ShouldBe(PngSignature, path);
        }
    }

    [Fact]
    public void Each_is_made_by_a_test_and_none_is_made_for_nothing() =>
        Kept().Matches(File.ReadAllText(RepositoryRoot.File(Maker))).Select(match => $"docs/{match.Groups["name"].Value}.png")
            .ShouldBe(Named, ignoreOrder: true);

    [Fact]
    public void How_they_are_made_anew_is_told() =>
        File.ReadAllText(RepositoryRoot.File("CONTRIBUTING.md")).ShouldContain("./dev pictures");

    [GeneratedRegex("""!\[[^\]]*\]\((?<path>[^):]+)\)|<img[^>]* src="(?<path>[^":]+)" """, RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Picture();

    [GeneratedRegex("""KeepAsync\("(?<name>\w+)",""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Kept();
}
