using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Sluice.Server.Hosting;
using Sluice.Server.Tests.Support;

namespace Sluice.Server.Tests.Store.PipeKv;

/// <summary>What calls itself a node and answers every request with the same bytes, whether they are an answer or not; then it hangs up.</summary>
internal sealed class RawKvNode : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TestCertificate _certificate;

    private RawKvNode(WebApplication app, TestCertificate certificate) => (_app, _certificate) = (app, certificate);

    public static async Task<RawKvNode> StartAsync(byte[] answer)
    {
        var certificate = new TestCertificate();
        using var shown = X509Certificate2.CreateFromPemFile(certificate.CertificateFile, certificate.KeyFile);
        var identity = X509CertificateLoader.LoadPkcs12(shown.Export(X509ContentType.Pkcs12), null);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.UseHttps(identity);
            listen.Run(connection => AnswerAsync(connection, answer));
        }));
        var app = builder.Build();
        await app.StartAsync();
        return new RawKvNode(app, certificate);
    }

    public void Configure(SluiceOptions options) =>
        (options.Pipekv.Url, options.Pipekv.Key, options.Pipekv.Pin) = (_app.Urls.First().Replace("http://", "https://", StringComparison.Ordinal), KvNode.Key, _certificate.Print);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _certificate.Dispose();
    }

    private static async Task AnswerAsync(ConnectionContext connection, byte[] answer)
    {
        var asked = new StringBuilder();
        while (!asked.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            var read = await connection.Transport.Input.ReadAsync();
            foreach (var piece in read.Buffer)
            {
                asked.Append(Encoding.Latin1.GetString(piece.Span));
            }

            connection.Transport.Input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return;
            }
        }

        await connection.Transport.Output.WriteAsync(answer);
        await connection.Transport.Output.CompleteAsync();
    }
}
