using Shouldly;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Cli;

/// <summary>Commands beside a server that speaks https.</summary>
public sealed class HttpsCommandTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("sluice-https").FullName;
    private readonly TestCertificate _certificate = new();

    [Fact]
    public async Task They_find_their_own_and_trust_no_other_without_a_certificate_that_the_machine_knows()
    {
        await using var server = SluiceProcess.Start(
            ["serve", "--port", "0", "--data", _data, "--certificate", _certificate.CertificateFile, "--key", _certificate.KeyFile]);
        var url = await server.UrlAsync(_data);
        url.ShouldStartWith("https://127.0.0.1:");

        var own = await SluiceProcess.RunAsync(["token", "aaaaaaaaaaaa", "--data", _data]);
        own.Code.ShouldBe(1);
        own.Errors.ShouldContain("There is no such media.");

        var other = await SluiceProcess.RunAsync(["token", "aaaaaaaaaaaa", "--server", url]);
        other.Code.ShouldBe(1);
        other.Errors.ShouldContain($"The certificate of {url} is not one that this machine trusts.");
    }

    public void Dispose()
    {
        _certificate.Dispose();
        Directory.Delete(_data, recursive: true);
    }
}
