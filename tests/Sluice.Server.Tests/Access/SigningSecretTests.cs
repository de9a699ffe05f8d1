using System.Text;
using Shouldly;
using Sluice.Server.Access;
using Sluice.Server.Hosting;
using Xunit;

namespace Sluice.Server.Tests.Access;

public sealed class SigningSecretTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_secret_is_made_once_and_kept_for_the_owner_alone()
    {
        var first = Load();
        var second = Load();

        first.Key.Length.ShouldBe(32);
        second.Key.ShouldBe(first.Key);
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(Path.Combine(_folder, "secret.key")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    [Fact]
    public void A_damaged_file_stops_the_start_with_a_way_out()
    {
        File.WriteAllBytes(Path.Combine(_folder, "secret.key"), [1, 2, 3]);
        Should.Throw<SetupException>(() => Load()).Message.ShouldContain("damaged");
    }

    [Fact]
    public void The_configuration_wins()
    {
        var secret = new string('s', 32);
        Load(secret, ("SECRET_KEY", new string('e', 40))).Key.ShouldBe(Encoding.ASCII.GetBytes(secret));
        File.Exists(Path.Combine(_folder, "secret.key")).ShouldBeFalse();
    }

    [Fact]
    public void A_short_configured_secret_stops_the_start() =>
        Should.Throw<SetupException>(() => Load("short")).Message.ShouldContain("32");

    [Fact]
    public void PyHls_keys_are_taken_whatever_their_length_but_not_in_silence()
    {
        var secret = Load(null, ("SECRET_KEY", "short"));
        secret.Key.ShouldBe("short"u8.ToArray());
        secret.Warning.ShouldNotBeNull().ShouldContain("SECRET_KEY");
        Load(null, ("SECRET_KEY", new string('e', 32))).Warning.ShouldBeNull();
    }

    [Theory]
    [InlineData("HS512")]
    [InlineData("none")]
    [InlineData("hs256")]
    public void Any_other_algorithm_stops_the_start(string algorithm) =>
        Should.Throw<SetupException>(() => Load(null, ("ALGORITHM", algorithm))).Message.ShouldContain("HS256");

    [Fact]
    public void The_default_algorithm_may_be_said() => Load(null, ("ALGORITHM", "HS256")).Key.Length.ShouldBe(32);

    private SigningSecret Load(string? configured = null, params (string Name, string Value)[] environment)
    {
        var options = new SluiceOptions();
        options.Storage.Data = _folder;
        options.Access.Secret = configured;
        return SigningSecret.Load(options, name => environment.FirstOrDefault(pair => pair.Name == name).Value);
    }
}
