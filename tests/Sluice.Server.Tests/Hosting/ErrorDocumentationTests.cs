using System.Reflection;
using Shouldly;
using Sluice.Server.Hosting;
using Xunit;

namespace Sluice.Server.Tests.Hosting;

/// <summary><c>docs/errors.md</c> is the table of <see cref="ErrorCode"/>.</summary>
public class ErrorDocumentationTests
{
    [Fact]
    public void Every_error_is_documented_as_it_is_and_nothing_else_is()
    {
        var rows = File.ReadLines(RepositoryRoot.File("docs/errors.md")).Where(l => l.StartsWith("| `", StringComparison.Ordinal));

        rows.ShouldBe(ErrorCode.All.Select(e => $"| `{e.Code}` | {e.Status} | {e.Title} | {e.Hint} |"), ignoreOrder: true);
    }

    [Fact]
    public void The_table_holds_every_error_once()
    {
        var fields = typeof(ErrorCode).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(f => f.FieldType == typeof(ErrorCode)).Select(f => (ErrorCode)f.GetValue(null)!);

        ErrorCode.All.ShouldBe(fields, ignoreOrder: true);
        ErrorCode.All.Select(e => e.Code).ShouldBeUnique();
    }
}
