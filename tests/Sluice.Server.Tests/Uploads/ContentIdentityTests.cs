using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Shouldly;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Uploads;

/// <summary>The same bytes are stored once, whatever door they came by; the titles made of them know nothing of each other.</summary>
public sealed class ContentIdentityTests : IAsyncLifetime
{
    private readonly byte[] _file = TusCalls.File(1_000_000);
    private SluiceServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await SluiceServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task The_same_bytes_by_two_doors_are_stored_once_and_live_apart()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Names of files are counted by stat.");
        var form = await MultipartAsync(_file, "?title=one&expiresInMinutes=5");
        var tus = await TusAsync(_file);
        (form.Text("sha256"), tus.Text("sha256")).ShouldBe((Sha256(_file), Sha256(_file)));
        tus.Text("id").ShouldNotBe(form.Text("id"));
        (Names(form), Names(tus)).ShouldBe((2, 2));
        Inode(form).ShouldBe(Inode(tus));

        using var gone = await _server.SendAsync(HttpMethod.Delete, $"/api/v1/media/{form.Text("id")}", adminKey: form.Text("adminKey"));
        gone.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        Names(tus).ShouldBe(1);
        (await File.ReadAllBytesAsync(SourceOf(tus))).ShouldBe(_file);
        (await _server.SendAsync(HttpMethod.Get, $"/api/v1/media/{tus.Text("id")}")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Each_has_its_own_key_and_life()
    {
        var one = await MultipartAsync(_file, "?expiresInMinutes=5");
        var two = await MultipartAsync(_file, "?expiresInMinutes=500");
        using var foreign = await _server.SendAsync(HttpMethod.Delete, $"/api/v1/media/{two.Text("id")}", adminKey: one.Text("adminKey"));
        await foreign.ShouldBeProblemAsync(403, "key-invalid");
        one.GetProperty("expiresAt").GetDateTimeOffset().ShouldNotBe(two.GetProperty("expiresAt").GetDateTimeOffset());
    }

    [Fact]
    public async Task Many_at_once_are_stored_once()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Names of files are counted by stat.");
        var all = await Task.WhenAll(Enumerable.Range(0, 6).Select(n => n % 2 == 0 ? MultipartAsync(_file, "") : TusAsync(_file)));
        all.Select(Inode).Distinct().Count().ShouldBe(1);
        Names(all[0]).ShouldBe(6);
    }

    [Fact]
    public async Task Other_bytes_of_the_same_length_are_other_bytes()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Names of files are counted by stat.");
        var one = await MultipartAsync(_file, "");
        var two = await MultipartAsync(TusCalls.File(_file.Length, seed: 2), "");
        Inode(one).ShouldNotBe(Inode(two));
        two.Text("sha256").ShouldNotBe(one.Text("sha256"));
    }

    private static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private string SourceOf(JsonElement media) => Path.Combine(_server.Data, "media", media.Text("id"), "source");

    private int Names(JsonElement media) => int.Parse(Stat("%h", media), null);

    private string Inode(JsonElement media) => Stat("%i", media);

    private string Stat(string format, JsonElement media)
    {
        using var stat = Process.Start(new ProcessStartInfo("stat", ["-c", format, SourceOf(media)]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var said = stat.StandardOutput.ReadToEnd().Trim();
        stat.WaitForExit();
        return said;
    }

    private async Task<JsonElement> MultipartAsync(byte[] file, string query)
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(file), "media", "a.mp4" } };
        using var answer = await _server.Http.PostAsync("/api/v1/media" + query, form);
        answer.StatusCode.ShouldBe(HttpStatusCode.Created);
        return await answer.JsonAsync();
    }

    private async Task<JsonElement> TusAsync(byte[] file)
    {
        var tus = new TusCalls(_server.Http);
        var path = await tus.NewAsync(file.Length);
        using var half = await tus.PatchAsync(path, 0, file[..300_000]);
        using var rest = await tus.PatchAsync(path, 300_000, file[300_000..]);
        return await (await _server.Http.GetAsync($"/api/v1/media/{rest.Header("Sluice-Media-Id")}")).JsonAsync();
    }
}
