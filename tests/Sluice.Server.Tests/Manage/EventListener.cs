using System.Text.Json;
using Sluice.Server.Tests.Support;

namespace Sluice.Server.Tests.Manage;

/// <summary>A client of an event stream.</summary>
internal sealed class EventListener : IDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _reader;

    private EventListener(HttpResponseMessage response, Stream body) => (_response, _reader) = (response, new StreamReader(body));

    public HttpResponseMessage Response => _response;

    public static async Task<EventListener> OpenAsync(SluiceServer server, string path)
    {
        var response = await server.Http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        return new EventListener(response, await response.Content.ReadAsStreamAsync());
    }

    /// <summary>The next event; a comment is <c>("", null)</c>; the end is null.</summary>
    public async Task<(string Name, JsonElement? Data)?> NextAsync()
    {
        using var patience = new CancellationTokenSource(Eventually.Patience);
        var (name, data, any) = ("", (JsonElement?)null, false);
        while (await _reader.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.Length == 0 && any)
            {
                return (name, data);
            }

            any = true;
            if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                name = line[7..];
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                data = JsonDocument.Parse(line[6..]).RootElement;
            }
        }

        return null;
    }

    /// <summary>The next event that is no comment, while the clock goes on.</summary>
    public async Task<(string Name, JsonElement Data)> NextEventAsync(SluiceServer server)
    {
        while (true)
        {
            var next = NextAsync();
            while (!next.IsCompleted)
            {
                await Task.WhenAny(next, Task.Delay(20));
                server.Clock.Advance(TimeSpan.FromMilliseconds(100));
            }

            var (name, data) = (await next)!.Value;
            if (data is { } body)
            {
                return (name, body);
            }
        }
    }

    public void Dispose()
    {
        _reader.Dispose();
        _response.Dispose();
    }
}
