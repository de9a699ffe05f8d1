using Shouldly;
using Sluice.Server.Store;
using Xunit;

namespace Sluice.Server.Tests.Uploads;

/// <summary>Joining files: wherever it was ended, it can be gone on with, and every byte is somewhere at every moment.</summary>
public sealed class PartJoinTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-join-").FullName;
    private readonly byte[] _whole = TusCalls.File(3_500_000);

    private string Whole => Path.Combine(_folder, "whole");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void Parts_become_one_file_and_are_gone(int count)
    {
        PartJoin.Run(Whole, _whole.Length, Parts(count), durable: true, default);
        ShouldBeJoined();
    }

    [Fact]
    public void Joined_before_it_is_left_as_it_is()
    {
        var parts = Parts(3);
        PartJoin.Run(Whole, _whole.Length, parts, durable: false, default);
        PartJoin.Run(Whole, _whole.Length, parts, durable: false, default);
        ShouldBeJoined();
    }

    /// <summary>What a process leaves that dies in the middle of appending part <paramref name="n"/>, or just before it removes it.</summary>
    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 200_000)]
    [InlineData(3, 1)]
    [InlineData(4, 700_000)]
    public void Ended_amid_a_part_it_goes_on(int n, int written)
    {
        var parts = Parts(5);
        var start = n * 700_000;
        File.WriteAllBytes(Whole, [.. _whole[..start], .. new byte[written]]);
        foreach (var gone in parts.Take(n))
        {
            File.Delete(gone);
        }

        PartJoin.Run(Whole, _whole.Length, parts, durable: false, default);
        ShouldBeJoined();
    }

    [Fact]
    public void Told_to_end_it_ends_between_two_parts_and_loses_nothing()
    {
        var parts = Parts(5);
        using var end = new CancellationTokenSource();
        end.Cancel();
        Should.Throw<OperationCanceledException>(() => PartJoin.Run(Whole, _whole.Length, parts, durable: false, end.Token));
        PartJoin.Run(Whole, _whole.Length, parts, durable: false, default);
        ShouldBeJoined();
    }

    [Fact]
    public void A_missing_part_or_one_of_another_size_is_said_and_nothing_is_removed()
    {
        var parts = Parts(5);
        File.Move(parts[2], parts[2] + ".away");
        Should.Throw<IOException>(() => PartJoin.Run(Whole, _whole.Length, parts, durable: false, default));
        File.Exists(parts[3]).ShouldBeTrue();
        File.Move(parts[2] + ".away", parts[2]);

        File.AppendAllText(parts[4], "more");
        Should.Throw<InvalidDataException>(() => PartJoin.Run(Whole, _whole.Length, parts, durable: false, default));
        File.Exists(parts[4]).ShouldBeTrue();
    }

    private void ShouldBeJoined()
    {
        File.ReadAllBytes(Whole).ShouldBe(_whole);
        Directory.EnumerateFiles(_folder).ShouldBe([Whole]);
    }

    private string[] Parts(int count)
    {
        var size = _whole.Length / count;
        var parts = new List<string>();
        for (var n = 0; n < count; n++)
        {
            parts.Add(Path.Combine(_folder, $"part{n}"));
            File.WriteAllBytes(parts[n], n == count - 1 ? _whole[(n * size)..] : _whole[(n * size)..((n + 1) * size)]);
        }

        return [.. parts];
    }
}
