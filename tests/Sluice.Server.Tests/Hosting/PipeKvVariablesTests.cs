using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Hosting.Configuration;
using Xunit;

namespace Sluice.Server.Tests.Hosting;

/// <summary>What pipeKV's README has people set.</summary>
public sealed class PipeKvVariablesTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-dotenv-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void They_set_the_keys_and_beat_the_file()
    {
        var options = Load(
            "pipekv:\n  key: of-the-file\n  url: https://file.example\n  allowedReferers: [https://file.example]\n",
            ("X_SERVICE_KEY", "k1"), ("HOST", "https://node.example"), ("ALLOWED_REF", "https://a.example, *.b.example"));

        (options.Pipekv.Key, options.Pipekv.Url).ShouldBe(("k1", "https://node.example"));
        options.Pipekv.AllowedReferers.ShouldBe(["https://a.example", "*.b.example"]);
    }

    [Fact]
    public void Our_own_variables_beat_them() =>
        Load("", ("SLUICE__PIPEKV__KEY", "ours"), ("X_SERVICE_KEY", "theirs")).Pipekv.Key.ShouldBe("ours");

    [Theory]
    [InlineData("HOST", "https://elsewhere.example")]
    [InlineData("HOST", "my-laptop")]
    [InlineData("X_SERVICE_KEY", "")]
    public void A_host_without_a_key_is_somebody_elses(string name, string value) => Load("", (name, value)).Pipekv.Url.ShouldBeNull();

    [Fact]
    public void A_host_that_is_no_address_is_the_shells() =>
        Load("", ("X_SERVICE_KEY", "k1"), ("HOST", "x86_64-conda-linux-gnu")).Pipekv.Url.ShouldBeNull();

    [Fact]
    public void What_cannot_be_used_is_said_by_its_own_name_and_the_key_is_not_shown()
    {
        Should.Throw<SetupException>(() => Load("", ("X_SERVICE_KEY", "k1"), ("HOST", "http://plain.example"))).Message.ShouldContain("HOST: pipekv.url must be an https URL");
        Should.Throw<SetupException>(() => Load("", ("ALLOWED_REF", "https://*"))).Message.ShouldContain("ALLOWED_REF: pipekv.allowedReferers must be a list of sites");
        Should.Throw<SetupException>(() => Load("", ("X_SERVICE_KEY", "s3cret with spaces"))).Message.ShouldNotContain("s3cret");
    }

    [Fact]
    public void The_file_beside_the_program_is_read_as_there()
    {
        var file = Path.Combine(_folder.FullName, ".env");
        File.WriteAllText(file, "# Required\nX_SERVICE_KEY='k 1'\nexport HOST = \"https://node.example\"\nALLOWED_REF=https://a.example\nPATH=/evil\nSLUICE__SERVER__PORT=1\nnonsense\n");

        PipeKvVariables.OfFile(file).ShouldBe(
        [
            KeyValuePair.Create("X_SERVICE_KEY", "k 1"), KeyValuePair.Create("HOST", "https://node.example"), KeyValuePair.Create("ALLOWED_REF", "https://a.example"),
        ]);
        PipeKvVariables.OfFile(Path.Combine(_folder.FullName, "none")).ShouldBeEmpty();
        PipeKvVariables.OfFile(_folder.FullName).ShouldBeEmpty();
    }

    private SluiceOptions Load(string yaml, params (string, string)[] environment)
    {
        var file = Path.Combine(_folder.FullName, "sluice.yml");
        File.WriteAllText(file, yaml);
        return ConfigurationLoader.Load(file, environment.Select(v => KeyValuePair.Create(v.Item1, v.Item2)), []).Options;
    }
}
