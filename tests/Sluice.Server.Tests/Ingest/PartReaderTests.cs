using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Shouldly;
using Sluice.Server.Ingest;
using Xunit;

namespace Sluice.Server.Tests.Ingest;

/// <summary>Forms are read as the framework's own reader reads them, in whatever pieces they come.</summary>
public sealed class PartReaderTests
{
    private const string Boundary = "b--\rx"; // As like its surroundings as may be.

    [Fact]
    public async Task It_reads_what_the_framework_reads_however_it_is_cut()
    {
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            var form = Form(random);
            var expected = await ByTheFrameworkAsync(form);
            expected.Count.ShouldBeGreaterThan(0);
            (await ReadAsync(form, random, largestPiece: 1 + random.Next(90))).ShouldBe(expected, $"seed {seed}");
            (await ReadAsync(form, random, largestPiece: form.Length)).ShouldBe(expected, $"seed {seed}");
        }
    }

    [Fact]
    public async Task A_form_that_breaks_off_is_no_shorter_form()
    {
        var form = Form(new Random(5));
        var end = form.AsSpan().LastIndexOf(Encoding.ASCII.GetBytes($"\r\n--{Boundary}--"));
        for (var length = Boundary.Length + 2; length < end + Boundary.Length + 6; length++)
        {
            await Should.ThrowAsync<EndOfStreamException>(ReadAsync(form[..length], new Random(length), 40));
        }
    }

    [Theory]
    [InlineData("nothing of the kind")]
    [InlineData("--b--\r")]
    [InlineData("")]
    public async Task Another_boundary_than_the_header_says_is_told(string body) =>
        (await Should.ThrowAsync<InvalidDataException>(ReadAsync(Encoding.ASCII.GetBytes(body), new Random(1), 7))).Message.ShouldContain("boundary");

    [Fact]
    public async Task A_header_without_end_is_refused_and_bounded()
    {
        var endless = Encoding.ASCII.GetBytes($"--{Boundary}\r\nX: {new string('y', 100_000)}");
        (await Should.ThrowAsync<InvalidDataException>(ReadAsync(endless, new Random(1), 5000))).Message.ShouldContain("16384");
        var many = Encoding.ASCII.GetBytes($"--{Boundary}\r\n{string.Concat(Enumerable.Repeat("A: b\r\n", 17))}\r\n\r\n--{Boundary}--");
        (await Should.ThrowAsync<InvalidDataException>(ReadAsync(many, new Random(1), 5000))).Message.ShouldContain("16 headers");
    }

    /// <summary>Parts whose bodies are full of beginnings of the delimiter; sometimes with a preamble.</summary>
    private static byte[] Form(Random random)
    {
        var form = new MemoryStream();
        void Add(string text) => form.Write(Encoding.ASCII.GetBytes(text));
        Add(random.Next(3) == 0 ? "a preamble\r\n--b\r\n" : "");
        for (var part = random.Next(1, 5); part > 0; part--)
        {
            Add($"--{Boundary}\r\nContent-Type: text/plain\r\ncontent-disposition: form-data; name=\"n{part}\"{(random.Next(2) == 0 ? "; filename=\"f\"" : "")}\r\n\r\n");
            for (var piece = random.Next(20); piece > 0; piece--)
            {
                var near = $"\r\n--{Boundary}";
                Add(random.Next(3) == 0 ? $"{(char)random.Next(32, 127)}" : near[..random.Next(near.Length)]);
            }

            Add("\r\n");
        }

        Add($"--{Boundary}--\r\n");
        return form.ToArray();
    }

    private static async Task<List<(string Disposition, string Body)>> ByTheFrameworkAsync(byte[] form)
    {
        var reader = new MultipartReader(Boundary, new MemoryStream(form));
        var parts = new List<(string, string)>();
        while (await reader.ReadNextSectionAsync() is { } section)
        {
            using var body = new MemoryStream();
            await section.Body.CopyToAsync(body);
            parts.Add((section.ContentDisposition!, Encoding.ASCII.GetString(body.ToArray())));
        }

        return parts;
    }

    private static async Task<List<(string Disposition, string Body)>> ReadAsync(byte[] form, Random random, int largestPiece)
    {
        // Blocks of 16 bytes: a delimiter lies across two or three of them.
        var pipe = new Pipe(new PipeOptions(new SmallBlocks(), minimumSegmentSize: 16, pauseWriterThreshold: 1 << 20, useSynchronizationContext: false));
        async Task SendAsync()
        {
            for (var sent = 0; sent < form.Length;)
            {
                var piece = Math.Min(random.Next(1, largestPiece + 1), form.Length - sent);
                await pipe.Writer.WriteAsync(form.AsMemory(sent, piece));
                sent += piece;
            }

            await pipe.Writer.CompleteAsync();
        }

        var sending = SendAsync();
        var reader = new PartReader(pipe.Reader, Boundary);
        var parts = new List<(string, string)>();
        while (await reader.NextAsync(default) is { } disposition)
        {
            using var body = new MemoryStream();
            while (await reader.ReadAsync(random.Next(1, 60), default) is { IsEmpty: false } bytes)
            {
                body.Write(bytes.ToArray());
                reader.Release();
            }

            parts.Add((disposition.ToString(), Encoding.ASCII.GetString(body.ToArray())));
        }

        await sending;
        return parts;
    }

    private sealed class SmallBlocks : MemoryPool<byte>
    {
        public override int MaxBufferSize => 16;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => new Block();

        protected override void Dispose(bool disposing)
        {
            // Nothing is kept.
        }

        private sealed class Block : IMemoryOwner<byte>
        {
            public Memory<byte> Memory { get; } = new byte[16];

            public void Dispose() => Memory.Span.Fill(0xEE); // Whoever looks at it still sees it.
        }
    }
}
