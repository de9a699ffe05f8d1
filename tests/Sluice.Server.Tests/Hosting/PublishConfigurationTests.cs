using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Hosting.Configuration;
using Xunit;

namespace Sluice.Server.Tests.Hosting;

/// <summary>Names with addresses, from the file and from the environment.</summary>
public sealed class PublishConfigurationTests
{
    [Fact]
    public void Targets_come_from_the_file()
    {
        var options = Load("publish:\n  targets:\n    web: /srv/www/films = 1\n    bucket-2: s3://films/public\n    node: pipekv://127.0.0.1:8443\n");
        options.Publish.Targets.ShouldBe(
            new Dictionary<string, string>
            {
                ["web"] = "/srv/www/films = 1", ["bucket-2"] = "s3://films/public", ["node"] = "pipekv://127.0.0.1:8443",
            },
            ignoreOrder: true);
        Load("publish:\n  targets: {}\n").Publish.Targets.ShouldBeEmpty();
        Load("publish:\n  targets:\n").Publish.Targets.ShouldBeEmpty();
    }

    [Fact]
    public void The_environment_takes_the_place_of_the_file()
    {
        var options = Load("publish: {targets: {web: /srv/www}}", ("SLUICE__PUBLISH__TARGETS", "a=/srv/a, b=/srv/b"));
        options.Publish.Targets.ShouldBe(new Dictionary<string, string> { ["a"] = "/srv/a", ["b"] = "/srv/b" }, ignoreOrder: true);
    }

    [Theory]
    [InlineData("{Web: /srv/www}")]
    [InlineData("{\"a b\": /srv/www}")]
    [InlineData("{web: ftp://host/films}")]
    [InlineData("{web: s3://}")]
    [InlineData("{web: \"\"}")]
    [InlineData("{web: [/srv/www]}")]
    [InlineData("[web=/srv/www]")]
    [InlineData("/srv/www")]
    public void What_is_no_target_is_told_with_its_line(string targets)
    {
        var refused = Should.Throw<SetupException>(() => Load("publish:\n  targets: " + targets));
        refused.Message.ShouldContain("sluice.yml line 2: publish.targets must be names");
        refused.Message.ShouldNotContain("a list of names");
    }

    private static SluiceOptions Load(string yaml, params (string Name, string Value)[] environment) => ConfigurationLoader.Combine(
        YamlSettings.Read(new StringReader(yaml), "sluice.yml").Settings,
        environment.Select(v => KeyValuePair.Create(v.Name, v.Value)), []).Options;
}
