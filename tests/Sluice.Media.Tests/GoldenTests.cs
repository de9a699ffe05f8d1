using Shouldly;
using Sluice.Tests;
using Xunit;

namespace Sluice.Media.Tests;

public sealed class GoldenTests
{
    [Fact]
    public void Difference_shows_only_the_lines_that_differ_with_their_numbers()
    {
        Golden.Difference("a\nb\nc\nd\n", "a\nB\nC\nx\nd\n")
            .ShouldBe("-    2: b\n-    3: c\n+    2: B\n+    3: C\n+    4: x\n");
    }

    [Fact]
    public void Difference_of_repeated_lines_counts_no_line_twice()
    {
        Golden.Difference("a\na\n", "a\na\na\n").ShouldBe("+    3: a\n");
    }

    [Fact]
    public void Difference_is_cut_when_everything_differs()
    {
        var many = string.Join('\n', Enumerable.Range(0, 100));

        Golden.Difference("x", many).ShouldContain("+  ... 88 lines more");
    }
}
