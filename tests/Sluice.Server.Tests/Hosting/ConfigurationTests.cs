using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Hosting.Configuration;
using Xunit;

namespace Sluice.Server.Tests.Hosting;

public sealed class ConfigurationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-configuration").FullName;

    [Fact]
    public void Without_any_source_the_defaults_hold()
    {
        var options = Load("");

        options.Server.Port.ShouldBe(8000);
        options.Server.Host.ShouldBe("127.0.0.1");
        options.Package.SegmentSeconds.ShouldBe(6);
    }

    [Fact]
    public void The_file_is_read()
    {
        var options = Load("""
            server:
              host: 0.0.0.0
              port: 8_080
              allowedHosts: [video.example.org, "[::1]"]
            package:
              segmentSeconds: 2.5
            access:
              secret: 0123456789abcdef0123456789abcdef
            """);

        options.Server.Host.ShouldBe("0.0.0.0");
        options.Server.Port.ShouldBe(8080);
        options.Server.AllowedHosts.ShouldBe(["video.example.org", "[::1]"]);
        options.Package.SegmentSeconds.ShouldBe(2.5);
        options.Access.Secret.ShouldBe("0123456789abcdef0123456789abcdef");
    }

    [Fact]
    public void The_environment_beats_the_file_and_the_command_line_beats_both()
    {
        const string yaml = "server:\n  port: 1001\nretention:\n  graceMinutes: 1\n  sweepSeconds: 11";
        var environment = new Dictionary<string, string>
        {
            ["SLUICE__SERVER__PORT"] = "1002",
            ["SLUICE__RETENTION__GRACEMINUTES"] = "2",
            ["SLUICE__SERVER__ALLOWEDHOSTS"] = "a.example, b.example",
            ["SLUICE__STORAGE__DATA"] = "",
            ["HOME"] = "elsewhere",
        };

        var options = Load(yaml, environment, new Setting("server.port", ["1003"], false, "--port"));

        options.Server.Port.ShouldBe(1003);
        options.Retention.GraceMinutes.ShouldBe(2);
        options.Retention.SweepSeconds.ShouldBe(11);
        options.Server.AllowedHosts.ShouldBe(["a.example", "b.example"]);
        options.Storage.Data.ShouldBe("data");
    }

    [Theory]
    [InlineData("server:\n  prot: 1", "sluice.yml line 2: there is no key 'server.prot'. Did you mean 'server.port'?")]
    [InlineData("\nsever:\n  port: 1", "sluice.yml line 2: there is no key 'sever'. Did you mean 'server'?")]
    [InlineData("server:\n  Port: 1", "sluice.yml line 2: there is no key 'server.Port'. Did you mean 'server.port'?")]
    [InlineData("zzzzzzzzz: 1", "sluice.yml line 1: there is no key 'zzzzzzzzz'. Every key is in sluice.example.yml.")]
    [InlineData("server:\n  host: x\n  port: 70000", "sluice.yml line 2: server.host must be an IP address, or localhost, not 'x'.")]
    [InlineData("server:\n  port: 70000", "sluice.yml line 2: server.port must be a whole number from 0 to 65535, not '70000'.")]
    [InlineData("server:\n  port: 80x", "sluice.yml line 2: server.port must be a whole number from 0 to 65535, not '80x'.")]
    [InlineData("server:\n  port: [1]", "sluice.yml line 2: server.port must be a whole number from 0 to 65535, not a list.")]
    [InlineData("server:\n  port: {a: 1}", "sluice.yml line 2: server.port must be a whole number from 0 to 65535.")]
    [InlineData("server:\n  allowedHosts: a.example", "sluice.yml line 2: server.allowedHosts must be a list of host names without scheme, port or path, not 'a.example'.")]
    [InlineData("server:\n  allowedHosts: ['http://a']", "sluice.yml line 2: server.allowedHosts must be a list of host names without scheme, port or path, not a list.")]
    [InlineData("server:\n  publicUrl: video.example", "sluice.yml line 2: server.publicUrl must be an http or https URL without path, such as https://video.example.org, not 'video.example'.")]
    [InlineData("server:\n  publicUrl: ftp://video.example", "sluice.yml line 2: server.publicUrl must be an http or https URL without path, such as https://video.example.org, not 'ftp://video.example'.")]
    [InlineData("server:\n  publicUrl: https://video.example/sub", "sluice.yml line 2: server.publicUrl must be an http or https URL without path, such as https://video.example.org, not 'https://video.example/sub'.")]
    [InlineData("server:\n  publicUrl: https://video.example/?a=1", "sluice.yml line 2: server.publicUrl must be an http or https URL without path, such as https://video.example.org, not 'https://video.example/?a=1'.")]
    [InlineData("server:\n  publicUrl: https://me@video.example", "sluice.yml line 2: server.publicUrl must be an http or https URL without path, such as https://video.example.org, not 'https://me@video.example'.")]
    [InlineData("package:\n  segmentSeconds: 0.5", "sluice.yml line 2: package.segmentSeconds must be a number from 1 to 30, not '0.5'.")]
    [InlineData("package:\n  segmentSeconds: NaN", "sluice.yml line 2: package.segmentSeconds must be a number from 1 to 30, not 'NaN'.")]
    [InlineData("server: 8000", "sluice.yml line 1: 'server' is a section; put its keys below it, indented.")]
    [InlineData("- server", "sluice.yml line 1: sections such as 'server:' are expected here.")]
    public void A_fault_in_the_file_is_named_with_its_line(string yaml, string message) =>
        Should.Throw<SetupException>(() => Load(yaml)).Message.ShouldBe(message);

    [Fact]
    public void A_secret_that_is_too_short_is_refused_and_not_repeated()
    {
        var message = Should.Throw<SetupException>(() => Load("access:\n  secret: hunter2")).Message;

        message.ShouldBe("sluice.yml line 2: access.secret must be a text of 32 bytes or more, not what was given.");
    }

    [Fact]
    public void What_is_no_yaml_is_named_with_its_line() =>
        Should.Throw<SetupException>(() => Load("server:\n  port: 1\n }{")).Message.ShouldStartWith("sluice.yml line 3: this is no valid YAML");

    [Fact]
    public void An_unknown_variable_is_named_with_the_nearest() =>
        Should.Throw<SetupException>(() => Load("", new Dictionary<string, string> { ["SLUICE__SERVER__PROT"] = "1" })).Message
            .ShouldBe("SLUICE__SERVER__PROT: there is no such key. Did you mean SLUICE__SERVER__PORT?");

    [Fact]
    public void A_value_of_the_command_line_is_named_with_its_option() =>
        Should.Throw<SetupException>(() => Load("", null, new Setting("server.port", ["-1"], false, "--port"))).Message
            .ShouldBe("--port: server.port must be a whole number from 0 to 65535, not '-1'.");

    [Fact]
    public void A_file_that_is_not_there_is_named() =>
        Should.Throw<SetupException>(() => ConfigurationLoader.Load(Path.Combine(_folder, "none.yml"), [], [])).Message
            .ShouldContain("none.yml");

    [Fact]
    public void Empty_values_keep_the_defaults()
    {
        var options = Load("server:\n  port:\n  host: ~\nstorage:\naccess: null");

        options.Server.Port.ShouldBe(8000);
        options.Storage.Data.ShouldBe("data");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private SluiceOptions Load(string yaml, Dictionary<string, string>? environment = null, params Setting[] commandLine) =>
        ConfigurationLoader.Load(Write(yaml), environment ?? [], commandLine).Options;

    private string Write(string yaml)
    {
        var path = Path.Combine(_folder, "sluice.yml");
        File.WriteAllText(path, yaml);
        return path;
    }
}
