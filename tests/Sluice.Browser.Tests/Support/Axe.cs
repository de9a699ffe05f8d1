using System.Text.Json;
using Microsoft.Playwright;
using Shouldly;

namespace Sluice.Browser.Tests.Support;

/// <summary>What axe-core finds on a page. It is run beside the page's own scripts, as its policy allows it nothing.</summary>
internal static class Axe
{
    private static readonly Lazy<string> Script = new(() => File.ReadAllText(RepositoryRoot.File("web/node_modules/axe-core/axe.min.js")));

    /// <summary>Nothing that keeps anybody from using the page (of impact serious or critical).</summary>
    public static async Task ShouldFindNothingAsync(IPage page, string what)
    {
        await page.EvaluateAsync(Script.Value);
        var found = await page.EvaluateAsync<JsonElement>(
            """
            async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
              .filter(({ impact }) => impact === 'serious' || impact === 'critical')
              .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(node => `${node.html.slice(0, 160)} (${(node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? ''})`).slice(0, 3).join(' | ')}`)
            """);
        found.EnumerateArray().Select(text => text.GetString()).ShouldBeEmpty(what);
    }
}
