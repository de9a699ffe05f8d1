using System.Globalization;
using Shouldly;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Cli;

/// <summary>A node that only works, as a process, and what the others load.</summary>
public sealed class WorkerCommandTests : IDisposable
{
    private const string Library = "RabbitMQ.Client.dll";

    private readonly string _data = Directory.CreateTempSubdirectory("sluice-worker").FullName;

    [Fact]
    public async Task Listens_at_no_port_and_ends_when_it_is_told_to()
    {
        await using var worker = SluiceProcess.Start(
            ["serve", "--data", _data], new() { ["SLUICE__ROLES"] = "worker", ["SLUICE__QUEUE__URL"] = "amqp://127.0.0.1:1" });
        (await Eventually.Holds(() => worker.Output.Contains("it listens at no port", StringComparison.Ordinal))).ShouldBeTrue(worker.Errors);

        ListeningSockets(worker.Id).ShouldBeEmpty();
        File.Exists(Path.Combine(_data, "server.json")).ShouldBeFalse();
        Loads(worker.Id).ShouldBeTrue();
        await worker.SignalAsync("TERM");
        (await worker.ExitAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Without_a_broker_its_library_is_not_loaded()
    {
        await using var server = SluiceProcess.Start(["serve", "--port", "0", "--data", _data]);
        var url = await server.UrlAsync(_data);
        using var http = new HttpClient();
        await http.GetStringAsync(new Uri(url + "/health"));
        await http.GetStringAsync(new Uri(url + "/metrics"));
        await http.GetStringAsync(new Uri(url + "/api/v1/queue"));

        ListeningSockets(server.Id).ShouldNotBeEmpty();
        Loads(server.Id).ShouldBeFalse();
    }

    [Fact]
    public async Task A_password_in_the_address_is_refused_and_not_shown()
    {
        var (code, _, errors) = await SluiceProcess.RunAsync(
            ["serve", "--data", _data], new() { ["SLUICE__QUEUE__URL"] = "amqp://me:sesame@broker" });
        code.ShouldNotBe(0);
        errors.ShouldContain("without the password");
        errors.ShouldNotContain("sesame");
    }

    public void Dispose() => Directory.Delete(_data, recursive: true);

    private static bool Loads(int process) =>
        File.ReadLines($"/proc/{process}/maps").Any(line => line.EndsWith("/" + Library, StringComparison.Ordinal));

    /// <summary>TCP sockets of a process that take connections (state 0A in <c>/proc/net/tcp</c>).</summary>
    private static string[] ListeningSockets(int process)
    {
        var own = Directory.EnumerateFileSystemEntries($"/proc/{process}/fd").Select(link => new FileInfo(link).LinkTarget)
            .OfType<string>().Where(target => target.StartsWith("socket:[", StringComparison.Ordinal)).Select(target => target[8..^1]).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. from table in (string[])["tcp", "tcp6"]
               from line in File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/net/{table}")).Skip(1)
               let fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
               where fields[3] == "0A" && own.Contains(fields[9])
               select fields[1],
        ];
    }
}
