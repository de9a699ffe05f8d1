using System.Globalization;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Hosting.Configuration;
using Sluice.Server.Jobs.RabbitMq;
using Sluice.Server.Tests.Support;
using Xunit;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using static Sluice.Server.Tests.Deploy.ComposeFile;

namespace Sluice.Server.Tests.Deploy;

/// <summary>The manifests say what the program understands, and fit each other. There is no cluster here to ask.</summary>
public sealed class KubernetesTests
{
    private static readonly Dictionary<object, object>[] Objects =
    [
        .. from file in RepositoryRoot.Files
           where file.StartsWith("deploy/kubernetes/", StringComparison.Ordinal)
           from part in File.ReadAllText(RepositoryRoot.File(file)).Split("\n---\n")
           select new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(new Parser(new StringReader(part))),
    ];

    private static readonly Dictionary<object, object>[] Workloads = [.. Objects.Where(o => o["kind"] is "StatefulSet" or "Deployment")];

    [Fact]
    public void Every_object_has_a_name_and_there_are_no_two_of_one()
    {
        Objects.Length.ShouldBeGreaterThan(8);
        Objects.Select(o => $"{o["kind"]} {At(o, "metadata", "name")}").ShouldBeUnique();
    }

    [Fact]
    public void Every_node_understands_its_configuration()
    {
        Workloads.Length.ShouldBe(2);
        foreach (var workload in Workloads)
        {
            var options = NodeOf(workload).Read();
            var roles = NodeRoles.Of(options);
            (roles.Serves, roles.Worker).ShouldBe(workload["kind"] is "StatefulSet" ? (true, false) : (false, true));
            options.Storage.Data.ShouldBe("/var/lib/sluice");
            (options.Storage.Catalog is null || options.Queue.Url is null || options.Storage.S3.Bucket is null || options.Access.Secret is null).ShouldBeFalse("something is not shared");
            if (roles.Live)
            {
                options.Cluster.Address.ShouldBe($"http://10.1.2.3:{options.Server.Port}", "where the others reach it");
            }
        }
    }

    [Fact]
    public async Task Probes_ask_what_is_there_at_the_port_where_it_is()
    {
        await using var server = await SluiceServer.StartAsync();
        foreach (var workload in Workloads)
        {
            var options = NodeOf(workload).Read();
            NodeRoles.Of(options); // Moves the port of one that only works.
            var container = Container(workload);
            foreach (var probe in (string[])["startupProbe", "readinessProbe", "livenessProbe"])
            {
                var path = Text(container, probe, "httpGet", "path");
                path.ShouldBe(probe == "readinessProbe" ? "/ready" : "/health");
                PortOf(container, Text(container, probe, "httpGet", "port")).ShouldBe(options.Server.Port, probe);
                using var answer = await server.Http.GetAsync(path);
                answer.IsSuccessStatusCode.ShouldBeTrue(path);
            }
        }
    }

    [Fact]
    public void There_is_time_to_drain()
    {
        foreach (var workload in Workloads)
        {
            var grace = Number(Pod(workload), "terminationGracePeriodSeconds");
            var before = Container(workload).TryGetValue("lifecycle", out var lifecycle) ? int.Parse(Texts(At(Map(lifecycle), "preStop", "exec", "command"))[1], CultureInfo.InvariantCulture) : 0;
            (grace - before).ShouldBeGreaterThanOrEqualTo((int)SluiceHost.DrainTime.TotalSeconds + 5);
        }
    }

    [Fact]
    public void Everything_that_is_referred_to_is_there()
    {
        foreach (var workload in Workloads)
        {
            var labels = Map(At(workload, "spec", "template", "metadata", "labels"));
            Map(At(workload, "spec", "selector", "matchLabels")).ShouldBe(labels);
            var volumes = List(Pod(workload), "volumes").Select(v => (string)v["name"])
                .Concat(Map(workload["spec"]).ContainsKey("volumeClaimTemplates") ? List(Map(workload["spec"]), "volumeClaimTemplates").Select(v => Text(v, "metadata", "name")) : []).ToArray();
            List(Container(workload), "volumeMounts").Select(m => (string)m["name"]).ShouldBe(volumes, ignoreOrder: true);
            Objects.ShouldContain(o => o["kind"] as string == "Secret" && Text(o, "metadata", "name") == Text(List(Container(workload), "envFrom")[0], "secretRef", "name"));
        }

        var serving = Map(At(Workloads.Single(w => w["kind"] is "StatefulSet"), "spec", "template", "metadata", "labels"));
        foreach (var service in Objects.Where(o => o["kind"] is "Service"))
        {
            Map(At(service, "spec", "selector")).ShouldBe(serving);
            Text(List(Map(service["spec"]), "ports")[0], "targetPort").ShouldBe("http");
        }

        Map(At(Objects.Single(o => o["kind"] is "PodDisruptionBudget"), "spec", "selector", "matchLabels")).ShouldBe(serving);
        Text(Objects.Single(o => o["kind"] is "StatefulSet"), "spec", "serviceName").ShouldBe("sluice-nodes");
    }

    [Fact]
    public void Workers_are_scaled_by_the_queues_that_there_are()
    {
        var scaled = Objects.Single(o => o["kind"] is "ScaledObject");
        var queues = new BrokerQueues(new QueueOptions().Prefix);

        Text(scaled, "spec", "scaleTargetRef", "name").ShouldBe(Text(Workloads.Single(w => w["kind"] is "Deployment"), "metadata", "name"));
        List(Map(scaled["spec"]), "triggers").Select(trigger => Text(trigger, "metadata", "queueName")).ShouldBe([queues.Viewers, queues.Background]);
        foreach (var trigger in List(Map(scaled["spec"]), "triggers"))
        {
            Objects.ShouldContain(o => o["kind"] as string == "TriggerAuthentication" && Text(o, "metadata", "name") == Text(trigger, "authenticationRef", "name"));
        }

        var secret = List(Map(Objects.Single(o => o["kind"] is "TriggerAuthentication")["spec"]), "secretTargetRef").Single();
        Secrets((string)secret["name"]).ShouldContainKey((string)secret["key"]);
    }

    [Fact]
    public void Every_secret_is_in_the_template_without_a_value_and_nowhere_else()
    {
        var secret = Secrets("sluice");
        secret.Keys.ShouldBe(
            ["SLUICE__ACCESS__SECRET", "SLUICE__STORAGE__CATALOGPASSWORD", "SLUICE__STORAGE__S3__ACCESSKEY", "SLUICE__STORAGE__S3__SECRETKEY", "SLUICE__QUEUE__PASSWORD"], ignoreOrder: true);
        secret.Keys.ShouldAllBe(name => DeployedNode.IsSecret(name));
        secret.Values.Concat(Secrets("sluice-broker").Values).ShouldAllBe(value => value.StartsWith('<') && value.EndsWith('>'));
        Workloads.SelectMany(w => List(Container(w), "env")).Select(v => (string)v["name"]).ShouldAllBe(name => !DeployedNode.IsSecret(name));
        YamlSettings.Read(new StringReader(Configuration), "configuration.yml").Settings
            .Where(setting => ConfigurationKeys.Find(setting.Path)!.IsSecret)
            .ShouldAllBe(setting => new Uri(setting.Values[0]).UserInfo == "sluice", "an address, without a password");
    }

    private static string Configuration => Text(Objects.Single(o => o["kind"] is "ConfigMap"), "data", "sluice.yml");

    private static Dictionary<string, string> Secrets(string name) =>
        Map(Objects.Single(o => o["kind"] is "Secret" && Text(o, "metadata", "name") == name)["stringData"]).ToDictionary(pair => (string)pair.Key, pair => (string)pair.Value);

    private static DeployedNode NodeOf(Dictionary<object, object> workload)
    {
        var container = Container(workload);
        var arguments = Texts(container["args"]);
        arguments.ShouldBe(["serve", "-c", "/etc/sluice/sluice.yml"]);
        var mount = List(container, "volumeMounts").Single(m => (string)m["mountPath"] == "/etc/sluice");
        Text(List(Pod(workload), "volumes").Single(v => v["name"] == mount["name"] || (string)v["name"] == (string)mount["name"]), "configMap", "name").ShouldBe("sluice");

        var variables = Secrets("sluice").ToDictionary(pair => pair.Key, _ => new string('s', 40));
        foreach (var variable in List(container, "env").Where(v => v.ContainsKey("value")))
        {
            variables[(string)variable["name"]] = ((string)variable["value"]).Replace("$(POD_IP)", "10.1.2.3", StringComparison.Ordinal);
        }

        return new DeployedNode(Text(workload, "metadata", "name"), arguments, variables, Configuration, TimeSpan.FromSeconds(Number(Pod(workload), "terminationGracePeriodSeconds")));
    }

    private static Dictionary<object, object> Pod(Dictionary<object, object> workload) => Map(At(workload, "spec", "template", "spec"));

    private static Dictionary<object, object> Container(Dictionary<object, object> workload) => List(Pod(workload), "containers").Single();

    private static int PortOf(Dictionary<object, object> container, string name) =>
        int.Parse((string)List(container, "ports").Single(port => (string)port["name"] == name)["containerPort"], CultureInfo.InvariantCulture);

    private static Dictionary<object, object>[] List(Dictionary<object, object> node, string name) => [.. ((IEnumerable<object>)node[name]).Select(Map)];

    private static object At(Dictionary<object, object> node, params string[] path) => path.Aggregate((object)node, (at, name) => Map(at)[name]);

    private static string Text(Dictionary<object, object> node, params string[] path) => (string)At(node, path);

    private static int Number(Dictionary<object, object> node, string name) => int.Parse((string)node[name], CultureInfo.InvariantCulture);
}
