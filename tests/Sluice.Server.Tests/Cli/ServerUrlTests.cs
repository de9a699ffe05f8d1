using Shouldly;
using Sluice.Server.Cli;
using Xunit;

namespace Sluice.Server.Tests.Cli;

public class ServerUrlTests
{
    [Theory]
    [InlineData("127.0.0.1", "http://127.0.0.1:8000")]
    [InlineData("0.0.0.0", "http://127.0.0.1:8000")]
    [InlineData("::", "http://[::1]:8000")]
    [InlineData("::1", "http://[::1]:8000")]
    [InlineData("192.0.2.7", "http://192.0.2.7:8000")]
    [InlineData("localhost", "http://localhost:8000")]
    public void A_server_is_reached_from_its_own_machine(string host, string url) =>
        ServerUrl.Of(host, 8000).ShouldBe(url);
}
