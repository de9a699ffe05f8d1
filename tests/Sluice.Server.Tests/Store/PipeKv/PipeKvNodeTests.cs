using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Outbound;
using Sluice.Server.Store.PipeKv;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Store.PipeKv;

/// <summary>What is said to a node, and by what it is known.</summary>
public sealed class PipeKvNodeTests : IAsyncLifetime
{
    private readonly PipeKvLatencies _latencies = new(TimeProvider.System);
    private KvNode _node = null!;

    public async ValueTask InitializeAsync() => _node = await KvNode.StartAsync();

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task A_value_is_written_as_it_is_and_read_back()
    {
        using var node = Node();
        var bytes = KvNode.Segment(1);
        const string Name = "Über den Wolken 100%.v2_1712345678901 0.ts";

        await node.PutAsync(Name, OutboundUpload.Of(bytes, "video/mp2t"), default);

        _node.Types[Name].ShouldBe("video/mp2t");
        _node.Get(Name).ShouldBe(bytes);
        (await ReadAsync(node, Name)).ShouldBe(bytes);
        (await node.OpenAsync("none.ts", 0, default)).ShouldBeNull();
        _node.Asked.ShouldBe([$"PUT {Name}", $"GET {Name}", "GET none.ts"]);
        var (answered, reads) = _latencies.All().ShouldHaveSingleItem();
        (answered, reads.Count, reads[0].SaidMilliseconds, reads[0].Cache).ShouldBe(("pop-7", 1, 1.5, "HIT"));
    }

    [Fact]
    public async Task A_value_that_is_too_large_is_neither_sent_nor_taken()
    {
        using var node = Node(o => o.MostBytes = 100_000);
        _node.Put("large.ts", KvNode.Segment(1));

        var sent = await Should.ThrowAsync<PipeKvException>(() => node.PutAsync("large.ts", OutboundUpload.Of(KvNode.Segment(2), "video/mp2t"), default));
        sent.Message.ShouldContain("188000");
        sent.Full.ShouldContain("package.segmentSeconds");
        (await Should.ThrowAsync<PipeKvException>(() => ReadAsync(node, "large.ts"))).Message.ShouldContain("pipekv.mostBytes");
        _node.SaysLength = false;
        (await Should.ThrowAsync<PipeKvException>(() => ReadAsync(node, "large.ts"))).Message.ShouldContain("pipekv.mostBytes");
        _node.Asked.ShouldNotContain("PUT large.ts");
    }

    [Theory]
    [InlineData(401, "does not let this server in", false)]
    [InlineData(413, "no value of this size", false)]
    [InlineData(302, "status 302", false)]
    [InlineData(204, "status 204", false)]
    [InlineData(500, "status 500", true)]
    [InlineData(429, "status 429", true)]
    public async Task What_the_node_answers_is_said(int status, string said, bool mayPass)
    {
        using var node = Node();
        _node.Statuses.Enqueue(status);
        _node.Statuses.Enqueue(status);

        foreach (var ask in (Func<Task>[])[() => ReadAsync(node, "a.ts"), () => node.PutAsync("a.ts", OutboundUpload.Of("x"u8.ToArray(), "video/mp2t"), default)])
        {
            var e = await Should.ThrowAsync<PipeKvException>(ask);
            e.Message.ShouldContain(said);
            e.MayPass.ShouldBe(mayPass);
            e.Full.ShouldNotContain(KvNode.Key);
        }
    }

    [Fact]
    public async Task A_certificate_that_nobody_has_signed_is_refused_with_what_to_do()
    {
        using var node = Node(o => o.Pin = null);

        var e = await Should.ThrowAsync<PipeKvException>(() => ReadAsync(node, "a.ts"));

        e.Message.ShouldBe("The key-value store cannot prove who it is.");
        e.Full.ShouldContain("signed by nobody");
        e.Full.ShouldContain(_node.Certificate.Print);
        e.Full.ShouldContain("pipekv.pin");
        e.MayPass.ShouldBeFalse();
        _node.Asked.ShouldBeEmpty("the key was for nobody else");
    }

    [Fact]
    public async Task Another_certificate_than_the_pinned_one_is_refused()
    {
        using var other = new TestCertificate();
        using var node = Node(o => o.Pin = other.Print);

        (await Should.ThrowAsync<PipeKvException>(() => ReadAsync(node, "a.ts"))).Full.ShouldContain("another certificate than the pinned one");
        _node.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_pinned_certificate_is_taken_however_its_pin_is_written()
    {
        _node.Put("a.ts", KvNode.Segment(1));
        var colons = string.Join(':', _node.Certificate.Print.Chunk(2).Select(pair => new string(pair))).ToLowerInvariant();
        using var node = Node(o => o.Pin = colons);

        (await ReadAsync(node, "a.ts")).Length.ShouldBe(188_000);
    }

    [Fact]
    public async Task A_certificate_is_taken_of_an_authority_that_is_named_and_for_the_right_name_only()
    {
        _node.Put("a.ts", KvNode.Segment(1));
        using var node = Node(o => (o.Pin, o.Authority) = (null, _node.Certificate.CertificateFile));
        (await ReadAsync(node, "a.ts")).Length.ShouldBe(188_000);

        using var misnamed = Node(o => (o.Pin, o.Authority, o.Url) = (null, _node.Certificate.CertificateFile, $"https://node.example:{_node.Url.Port}"));
        (await Should.ThrowAsync<PipeKvException>(() => ReadAsync(misnamed, "a.ts"))).Full.ShouldContain("for another name");

        using var other = new TestCertificate();
        using var unsigned = Node(o => (o.Pin, o.Authority) = (null, other.CertificateFile));
        (await Should.ThrowAsync<PipeKvException>(() => ReadAsync(unsigned, "a.ts"))).Full.ShouldContain("signed by nobody");
        _node.Asked.Count.ShouldBe(1);
    }

    [Fact]
    public void An_expired_certificate_is_refused_unless_it_is_pinned()
    {
        using var expired = new TestCertificate(DateTimeOffset.UtcNow.AddDays(-1));
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(expired.CertificateFile);
        var trust = ServerTrust.Of(null, expired.CertificateFile);

        trust.Accepts(certificate, null, SslPolicyErrors.RemoteCertificateChainErrors).ShouldBeFalse();

        trust.Refusal!.Reason.ShouldContain("expired");
        ServerTrust.Of(expired.Print, null).Accepts(certificate, null, SslPolicyErrors.RemoteCertificateChainErrors).ShouldBeTrue();
    }

    [Fact]
    public void What_cannot_be_used_is_said_at_the_start()
    {
        Should.Throw<SetupException>(() => PipeKvAccess.Of(new PipeKvOptions { Url = "https://node.example" })).Message.ShouldContain("X_SERVICE_KEY");
        Should.Throw<SetupException>(() => PipeKvAccess.Of(new PipeKvOptions { Key = "k", Authority = "/none.pem" })).Message.ShouldContain("/none.pem");
        Should.Throw<SetupException>(() => PipeKvAccess.Of(new PipeKvOptions { Key = "k", Authority = _node.Certificate.KeyFile })).Message.ShouldContain("no certificate");
        PipeKvAccess.Of(new PipeKvOptions()).ShouldBeNull();
        var local = PipeKvAccess.Of(new PipeKvOptions { Key = "k3y" })!;
        local.Url.Address.AbsoluteUri.ShouldBe("https://127.0.0.1/");
        local.ToString().ShouldNotContain("k3y");
    }

    private static async Task<byte[]> ReadAsync(PipeKvNode node, string name)
    {
        await using var answer = await node.OpenAsync(name, 0, default);
        var all = new MemoryStream();
        var piece = new byte[5000];
        while (await answer!.ReadAsync(piece, default) is > 0 and var count)
        {
            all.Write(piece, 0, count);
        }

        return all.ToArray();
    }

    private PipeKvNode Node(Action<PipeKvOptions>? change = null)
    {
        var options = new SluiceOptions();
        _node.Configure(options);
        change?.Invoke(options.Pipekv);
        var outbound = new OutboundFetcher(new CheckedConnector(options, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]), TimeProvider.System), TimeProvider.System);
        return new PipeKvNode(PipeKvAccess.Of(options.Pipekv)!, outbound, _latencies, TimeProvider.System);
    }
}
