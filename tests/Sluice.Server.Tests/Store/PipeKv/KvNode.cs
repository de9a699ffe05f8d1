using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Sluice.Server.Hosting;
using Sluice.Server.Tests.Cli;
using Sluice.Server.Tests.Support;

namespace Sluice.Server.Tests.Store.PipeKv;

/// <summary>A node of Pipe KV as its wire format is publicly known, on loopback with a certificate of its own, that behaves as well as a test wants it to.</summary>
internal sealed class KvNode : IAsyncDisposable
{
    public const string Key = "8d3c1f2a-0000-4000-8000-5ec2e7000001";

    private readonly ConcurrentDictionary<string, List<(byte[] Bytes, string Type)>> _values = new(StringComparer.Ordinal);
    private int _staleReads;
    private int _cuts = int.MaxValue;
    private int _holds = int.MaxValue;
    private int _absentReads;
    private ApiStub _stub = null!;

    private KvNode()
    {
    }

    public TestCertificate Certificate { get; } = new();

    /// <summary>Requests, as <c>GET name bytes=0-1</c>.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>What PUT said the value to be.</summary>
    public ConcurrentDictionary<string, string> Types { get; } = new(StringComparer.Ordinal);

    /// <summary>Answered with instead, each once.</summary>
    public ConcurrentQueue<int> Statuses { get; } = new();

    /// <summary>Whether parts are given.</summary>
    public bool HasRanges { get; set; } = true;

    /// <summary>Whether it says which value it is.</summary>
    public bool SaysVersion { get; set; } = true;

    /// <summary>Whether it says how long the value is.</summary>
    public bool SaysLength { get; set; } = true;

    /// <summary>Reads that are still answered with the value before the last.</summary>
    public int StaleReads
    {
        get => Volatile.Read(ref _staleReads);
        set => Volatile.Write(ref _staleReads, value);
    }

    /// <summary>Bytes of the body after which the connection ends; null for none.</summary>
    public int? CutsAfter { get; set; }

    /// <summary>Answers that are cut; after them all goes well.</summary>
    public int Cuts
    {
        get => Volatile.Read(ref _cuts);
        set => Volatile.Write(ref _cuts, value);
    }

    /// <summary>Bytes of the body after which an answer waits for <see cref="LetGo"/>; null for none.</summary>
    public int? HoldsAfter { get; set; }

    /// <summary>Answers that wait so; after them all goes well.</summary>
    public int Holds
    {
        get => Volatile.Read(ref _holds);
        set => Volatile.Write(ref _holds, value);
    }

    /// <summary>Is waited for before a value is put under its name; null for nothing.</summary>
    public Func<string, Task>? BeforePut { get; set; }

    /// <summary>Reads of values that are there which are answered with 404.</summary>
    public int AbsentReads
    {
        get => Volatile.Read(ref _absentReads);
        set => Volatile.Write(ref _absentReads, value);
    }

    public TaskCompletionSource LetGo { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Media type of answers; that of PUT when null.</summary>
    public string? Says { get; set; }

    public Uri Url => _stub.Url;

    public int Reads => Asked.Count(line => line.StartsWith("GET", StringComparison.Ordinal));

    public static async Task<KvNode> StartAsync()
    {
        var node = new KvNode();
        using var shown = X509Certificate2.CreateFromPemFile(node.Certificate.CertificateFile, node.Certificate.KeyFile);
        node._stub = await ApiStub.StartAsync(node.AnswerAsync, X509CertificateLoader.LoadPkcs12(shown.Export(X509ContentType.Pkcs12), null));
        return node;
    }

    /// <summary>As somebody else has put it there.</summary>
    public void Put(string name, byte[] bytes, string type = "application/x-www-form-urlencoded")
    {
        var all = _values.GetOrAdd(name, _ => []);
        lock (all)
        {
            all.Add((bytes, type));
        }
    }

    public byte[]? Get(string name) => ValuesOf(name) is [.., var last] ? last.Bytes : null;

    public void Forget(string name) => _values.TryRemove(name, out _);

    /// <summary>Configures a server to ask it.</summary>
    public void Configure(SluiceOptions options) =>
        (options.Pipekv.Url, options.Pipekv.Key, options.Pipekv.Pin) = (Url.AbsoluteUri, Key, Certificate.Print);

    /// <summary>A segment of MPEG-TS, to look at; of whole packets.</summary>
    public static byte[] Segment(int seed, int packets = 1000)
    {
        var bytes = new byte[packets * 188];
        for (var at = 0; at < bytes.Length; at++)
        {
            bytes[at] = (byte)('a' + ((at * 7L + at / 188 + seed) % 26)); // What a failed test shows is text.
        }

        for (var at = 0; at < bytes.Length; at += 188)
        {
            bytes[at] = 0x47;
        }

        return bytes;
    }

    /// <summary>Nobody takes connections any more.</summary>
    public ValueTask StopAsync() => _stub.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        LetGo.TrySetResult();
        await _stub.DisposeAsync();
        Certificate.Dispose();
    }

    /// <summary>Takes one of those that are left; several may ask at once.</summary>
    private static bool IsOne(ref int left) => Volatile.Read(ref left) > 0 && Interlocked.Decrement(ref left) >= 0;

    private (byte[] Bytes, string Type)[] ValuesOf(string name)
    {
        if (!_values.TryGetValue(name, out var all))
        {
            return [];
        }

        lock (all)
        {
            return [.. all];
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        var name = request.Path.Value!.StartsWith("/kv/", StringComparison.Ordinal) ? request.Path.Value["/kv/".Length..] : "";
        Asked.Enqueue($"{request.Method} {name} {request.Headers.Range}".TrimEnd());
        if (request.Headers["X-Service-Key"] != Key)
        {
            response.StatusCode = 401;
        }
        else if (Statuses.TryDequeue(out var status))
        {
            response.StatusCode = status;
            response.Headers.Location = status == 302 ? "/kv/elsewhere.ts" : default(string);
        }
        else if (request.Method == "PUT")
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            await (BeforePut?.Invoke(name) ?? Task.CompletedTask);
            Types[name] = request.ContentType ?? "";
            Put(name, body.ToArray(), request.ContentType ?? "");
        }
        else if (request.Method != "GET" || ValuesOf(name) is not { Length: > 0 } all || IsOne(ref _absentReads))
        {
            response.StatusCode = request.Method == "GET" ? 404 : 405; // Nothing else is known of it.
        }
        else
        {
            var isStale = all.Length > 1 && IsOne(ref _staleReads);
            var version = isStale ? all.Length - 1 : all.Length;
            await SendAsync(context, all[version - 1], version);
        }
    }

    private async Task SendAsync(HttpContext context, (byte[] Bytes, string Type) value, int version)
    {
        var (request, response) = (context.Request, context.Response);
        var (from, to) = (0, value.Bytes.Length - 1);
        if (HasRanges && request.Headers.Range.ToString() is ['b', 'y', 't', 'e', 's', '=', .. var range])
        {
            var parts = range.Split('-');
            from = int.Parse(parts[0], CultureInfo.InvariantCulture);
            to = parts[1].Length > 0 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : to;
            response.StatusCode = 206;
            response.Headers.ContentRange = $"bytes {from}-{to}/{value.Bytes.Length}";
        }

        response.Headers["x-cache"] = "HIT";
        response.Headers["x-cache-node"] = "pop-7";
        response.Headers["x-kv-latency-ms"] = "1.5";
        response.Headers["x-kv-version"] = SaysVersion ? version.ToString(CultureInfo.InvariantCulture) : default;
        response.Headers.AcceptRanges = HasRanges ? "bytes" : default;
        response.ContentType = Says ?? value.Type;
        response.ContentLength = SaysLength ? to - from + 1 : null;
        var isHeld = HoldsAfter is not null && IsOne(ref _holds);
        var isCut = CutsAfter is not null && IsOne(ref _cuts);
        for (var sent = 0; from + sent <= to;)
        {
            if (isCut && sent >= CutsAfter)
            {
                await ApiStub.CutAsync(context);
                return;
            }

            if (isHeld && sent >= HoldsAfter)
            {
                await LetGo.Task.WaitAsync(context.RequestAborted);
            }

            var count = Math.Min(4096, to - from - sent + 1);
            await response.Body.WriteAsync(value.Bytes.AsMemory(from + sent, count));
            await response.Body.FlushAsync();
            sent += count;
        }
    }
}
