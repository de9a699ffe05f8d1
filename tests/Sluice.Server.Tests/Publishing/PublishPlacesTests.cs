using Shouldly;
using Sluice.Server.Tests.Store.PipeKv;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Publishing;

/// <summary>Where a title can be published, as people are told before they choose.</summary>
public sealed class PublishPlacesTests
{
    [Fact]
    public async Task Every_place_of_the_configuration_is_told_and_whether_it_takes_files_away_again()
    {
        await using var node = await KvNode.StartAsync();
        await using var server = await PublishingServer.StartAsync(realPackager: false, options: options =>
        {
            node.Configure(options);
            options.Publish.Targets = new Dictionary<string, string>(options.Publish.Targets) { ["kv"] = "pipekv://" + node.Url.Authority };
        });
        var id = (await server.Server.PublishAsync()).Text("id");

        using var answer = await server.Http.GetAsync($"/api/v1/media/{id}/publish");
        var told = await answer.JsonAsync();
        told.GetProperty("items").GetArrayLength().ShouldBe(0);
        told.GetProperty("targets").EnumerateArray().Select(t => (t.Text("name"), t.Text("form"), t.GetProperty("canRemove").GetBoolean()))
            .ShouldBe([("kv", "ts", false), ("web", "cmaf", true)], ignoreOrder: true);
        node.Asked.ShouldBeEmpty();
    }
}
