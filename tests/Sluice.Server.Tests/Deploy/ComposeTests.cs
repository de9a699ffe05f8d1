using System.Net;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Deploy;

/// <summary>The files for Docker Compose say what the program understands. There is no Docker here to ask.</summary>
public sealed class ComposeTests
{
    private static readonly string[] Files = ["compose.yml", "compose.cluster.yml"];

    /// <summary>The server's own, with some to spare.</summary>
    private static readonly TimeSpan LeastGrace = SluiceHost.DrainTime + TimeSpan.FromSeconds(5);

    public static TheoryData<string> All => [.. Files];

    [Theory]
    [MemberData(nameof(All))]
    public void Every_node_understands_its_configuration_and_has_time_to_end(string file)
    {
        foreach (var node in ComposeFile.Read(file).Nodes())
        {
            var options = node.Read();
            NodeRoles.Of(options).ShouldNotBeNull();
            node.Arguments[0].ShouldBe("serve", node.Name);
            node.Grace.ShouldBeGreaterThanOrEqualTo(LeastGrace, node.Name);
            node.Arguments.Concat([options.Storage.Data]).ShouldContain("/var/lib/sluice", node.Name);
        }
    }

    [Fact]
    public void The_nodes_of_the_cluster_work_together()
    {
        var nodes = ComposeFile.Read("compose.cluster.yml").Nodes().Select(node => (node.Name, Options: node.Read())).ToArray();

        nodes.Count(node => node.Options.Roles is ["api", "live"]).ShouldBe(2);
        nodes.Count(node => node.Options.Roles is ["worker"]).ShouldBe(2);
        foreach (var (name, options) in nodes)
        {
            options.Storage.Catalog.ShouldNotBeNull(name);
            options.Storage.S3.Bucket.ShouldNotBeNull(name);
            options.Queue.Url.ShouldNotBeNull(name);
            options.Access.Secret.ShouldNotBeNull(name).Length.ShouldBeGreaterThanOrEqualTo(32);
            if (options.Roles.Contains("live"))
            {
                options.Cluster.Address.ShouldBe($"http://{name}:8000", "where the others reach it");
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Who_is_asked_for_health_answers_there(string file)
    {
        foreach (var (name, service) in ComposeFile.Read(file).Services.Where(service => service.Value["image"] is "sluice"))
        {
            var node = ComposeFile.Read(file).Nodes().Single(node => node.Name == name).Read();
            NodeRoles.Of(node); // Moves the port of one that only works.
            var asked = new Uri(ComposeFile.Texts(ComposeFile.Map(service["healthcheck"])["test"])[^1]);
            (asked.Port, asked.AbsolutePath).ShouldBe((node.Server.Port, "/health"), name);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void No_secret_stands_in_the_file_and_none_is_made_up(string file)
    {
        foreach (var (service, name, value) in ComposeFile.Read(file).Services.SelectMany(s => ComposeFile.Variables(s.Value).Select(v => (s.Key, v.Key, v.Value))))
        {
            if (DeployedNode.IsSecret(name) || name.Contains("PASS", StringComparison.Ordinal))
            {
                value.ShouldStartWith("${SLUICE_", customMessage: $"{service}: {name}");
                value.ShouldContain(":?", customMessage: $"{service}: {name} must be given");
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void What_it_refers_to_is_there(string file)
    {
        var compose = ComposeFile.Read(file);
        foreach (var (name, service) in compose.Services)
        {
            foreach (var source in (service.TryGetValue("volumes", out var volumes) ? ComposeFile.Texts(volumes) : []).Select(volume => volume.Split(':')[0]))
            {
                if (source.StartsWith("./", StringComparison.Ordinal))
                {
                    File.Exists(RepositoryRoot.File("deploy/" + source[2..])).ShouldBeTrue($"{name}: {source}");
                }
                else
                {
                    compose.Declared("volumes").ShouldContain(source, name);
                }
            }

            foreach (var network in service.TryGetValue("networks", out var networks) ? ComposeFile.Texts(networks) : [])
            {
                compose.Declared("networks").ShouldContain(network, name);
            }
        }
    }

    [Fact]
    public async Task The_load_balancer_passes_on_who_asks_and_does_without_a_node_that_is_gone()
    {
        await using var first = await SluiceServer.StartAsync();
        await using var second = await SluiceServer.StartAsync();
        var configuration = await File.ReadAllTextAsync(RepositoryRoot.File("deploy/nginx.conf"));
        var lines = configuration[(configuration.IndexOf("http {", StringComparison.Ordinal) + 6)..configuration.LastIndexOf('}')].Split('\n')
            .Where(line => !line.Contains("$connection_upgrade {", StringComparison.Ordinal)); // The proxy of tests has it already.
        await using var nginx = await NginxProxy.StartAsync(proxy => string.Join('\n', lines)
            .Replace("api-1:8000", $"127.0.0.1:{first.Http.BaseAddress!.Port}", StringComparison.Ordinal)
            .Replace("api-2:8000", $"127.0.0.1:{second.Http.BaseAddress!.Port}", StringComparison.Ordinal)
            .Replace("listen 80;", proxy.Listen(http2: false), StringComparison.Ordinal));
        using var http = nginx.Client();

        (await http.GetStringAsync("/health")).ShouldContain("\"status\":\"ok\"");
        await first.App.StopAsync();
        for (var n = 0; n < 5; n++)
        {
            using var answer = await http.GetAsync("/health");
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        }
    }
}
