using System.Text;
using Shouldly;
using Sluice.Server.Publishing;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Publishing;

/// <summary>Files in a folder: whole or not at all, and inside of it.</summary>
public sealed class FolderTargetTests : IDisposable
{
    private static readonly byte[] Bytes = Encoding.UTF8.GetBytes("some bytes");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-target-");
    private readonly FolderTarget _target;

    public FolderTargetTests() => _target = Of(Path.Combine(_folder.FullName, "made", "when needed"));

    private string Root => Path.Combine(_folder.FullName, "made", "when needed");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("master.m3u8")]
    [InlineData("a/b/c.m4s")]
    [InlineData("Grüße aus 東京. v1.0 (final)_1765432109876_1.ts")]
    public async Task What_was_put_is_there_until_it_is_removed(string name)
    {
        (await _target.ReadAsync(name, default)).ShouldBeNull();
        (await _target.HasAsync(name, Bytes, default)).ShouldBeFalse();
        await _target.RemoveAsync(name, default);

        await _target.PutAsync(name, Bytes, "text/plain", default);

        (await _target.ReadAsync(name, default)).ShouldBe(Bytes);
        (await _target.HasAsync(name, Bytes, default)).ShouldBeTrue();
        (await _target.HasAsync(name, Encoding.UTF8.GetBytes("some bytez"), default)).ShouldBeFalse();
        (await _target.HasAsync(name, Encoding.UTF8.GetBytes("some"), default)).ShouldBeFalse();
        Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories).ShouldHaveSingleItem().ShouldBe(Path.Combine(Root, name));

        await _target.PutAsync(name, Encoding.UTF8.GetBytes("others"), "text/plain", default);
        (await _target.ReadAsync(name, default)).ShouldBe(Encoding.UTF8.GetBytes("others"));

        await _target.RemoveAsync(name, default);
        Directory.EnumerateFileSystemEntries(Root).ShouldBeEmpty("folders go with what was in them");
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("a/../../outside")]
    [InlineData("/etc/outside")]
    [InlineData("a//b")]
    [InlineData("a/.")]
    [InlineData("")]
    [InlineData("a\\..\\b")]
    [InlineData("a\0b")]
    public async Task A_name_leads_nowhere_else(string name)
    {
        await Should.ThrowAsync<ArgumentException>(async () => await _target.PutAsync(name, Bytes, "text/plain", default));
        await Should.ThrowAsync<ArgumentException>(async () => await _target.ReadAsync(name, default));
        await Should.ThrowAsync<ArgumentException>(async () => await _target.RemoveAsync(name, default));
        _folder.EnumerateFileSystemInfos().ShouldBeEmpty();
    }

    [Fact]
    public async Task What_a_killed_process_left_does_not_stand_in_the_way()
    {
        Directory.CreateDirectory(Root);
        await File.WriteAllTextAsync(Path.Combine(Root, "a.ts.part"), "half of something that was longer than the whole");
        await _target.PutAsync("a.ts", Bytes, "text/plain", default);
        (await _target.ReadAsync("a.ts", default)).ShouldBe(Bytes);

        await File.WriteAllTextAsync(Path.Combine(Root, "b.ts.part"), "half");
        await _target.RemoveAsync("b.ts", default);
        await _target.RemoveAsync("a.ts", default);
        Directory.EnumerateFileSystemEntries(Root).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_full_disk_is_told_as_such_and_leaves_nothing_half()
    {
        using var disk = await SmallDisk.RequireAsync(4);
        var target = Of(disk.Seen);
        await target.PutAsync("a.ts", new byte[1 << 20], "video/mp2t", default);
        disk.Fill("others");

        var refused = await Should.ThrowAsync<PublishException>(async () => await target.PutAsync("a.ts", new byte[3 << 20], "video/mp2t", default));

        refused.Message.ShouldContain("no room left at web");
        refused.MayPass.ShouldBeTrue();
        (await target.HasAsync("a.ts", new byte[1 << 20], default)).ShouldBeTrue("what was there stays");
        File.Exists(Path.Combine(disk.Seen, "a.ts.part")).ShouldBeFalse();
    }

    [Fact]
    public async Task Whatever_the_folder_does_not_let_be_done_is_told_for_people()
    {
        Directory.CreateDirectory(Path.Combine(Root, "a.ts"));
        var file = Path.Combine(Root, "file");
        await File.WriteAllTextAsync(file, "no folder");
        Func<Task>[] all =
        [
            () => _target.PutAsync("a.ts", Bytes, "video/mp2t", default).AsTask(),
            () => _target.ReadAsync("a.ts", default).AsTask(),
            () => _target.RemoveAsync("a.ts", default).AsTask(),
            () => Of(file).PutAsync("a.ts", Bytes, "video/mp2t", default).AsTask(),
            () => Of(file).LockAsync("index", default).AsTask(),
        ];
        foreach (var one in all)
        {
            var e = await Should.ThrowAsync<PublishException>(one);
            (e.Message.Contains(" at web", StringComparison.Ordinal), e.Hint.Length > 0).ShouldBe((true, true), e.Message);
        }
    }

    [Fact]
    public async Task One_at_a_time_holds_a_lock()
    {
        var other = Of(Root);
        var held = await _target.LockAsync("index", default);
        var waiting = other.LockAsync("index", default).AsTask();
        waiting.IsCompleted.ShouldBeFalse();

        held.Dispose();

        (await waiting.WaitAsync(Eventually.Patience)).Dispose();
    }

    [Fact]
    public async Task Who_waits_too_long_for_a_lock_is_told_so()
    {
        var clock = new FakeClock();
        using var held = await _target.LockAsync("index", default);
        var waiting = new FolderTarget(Root, "web", clock).LockAsync("index", default).AsTask();
        clock.Advance(TimeSpan.FromMinutes(1));

        (await Should.ThrowAsync<PublishException>(() => waiting)).MayPass.ShouldBeTrue();
    }

    private static FolderTarget Of(string folder) => new(folder, "web", TimeProvider.System);
}
