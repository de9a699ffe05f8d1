using Shouldly;
using Sluice.Server.Catalog;
using Xunit;

namespace Sluice.Server.Tests.Catalog;

/// <summary>What every catalog does with uploads in pieces; each implementation runs this suite.</summary>
public abstract class UploadCatalogContract(CatalogHome home) : OverCatalog(home)
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task An_upload_comes_back_as_it_went_in()
    {
        var upload = Sample() with
        {
            OffsetBytes = 1L << 41,
            ChunkCount = 7,
            IsPartial = true,
            Parts = [AssetId.New(), AssetId.New()],
            Metadata = "filename YQ==",
            OwnerHash = [1, 2, 3],
            Asset = AssetId.New(),
            Reason = "it 'was' refused",
            Pieces = [new UploadPiece(0, 1L << 40, "0a"), new UploadPiece(1L << 40, 7, "ff")],
            ExpiresAt = DateTimeOffset.MaxValue,
        };
        await Catalog.AddUploadAsync(upload, default);
        var found = (await Catalog.FindUploadAsync(upload.Id, default)).ShouldNotBeNull();
        found.Parts.ShouldBe(upload.Parts);
        found.OwnerHash.ShouldBe(upload.OwnerHash);
        found.Pieces.ShouldBe(upload.Pieces);
        found.SharedBytes.ShouldBe((1L << 40) + 7);
        found.Number.ShouldBe(1);
        found.ExpiresAt.ShouldBeGreaterThan(Noon.AddYears(1000));
        (found with { Parts = upload.Parts, Pieces = upload.Pieces, OwnerHash = upload.OwnerHash, Number = 0, ExpiresAt = upload.ExpiresAt }).ShouldBe(upload);
        (await Catalog.FindUploadAsync(AssetId.New(), default)).ShouldBeNull();
    }

    [Fact]
    public async Task A_change_is_atomic_and_keeps_id_and_number()
    {
        var upload = Sample();
        await Catalog.AddUploadAsync(upload, default);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Catalog.UpdateUploadAsync(
            upload.Id, u => u with { OffsetBytes = u.OffsetBytes + 1, Id = AssetId.New(), Number = 99 }, default)));
        var found = (await Catalog.FindUploadAsync(upload.Id, default))!;
        (found.OffsetBytes, found.Number).ShouldBe((20, 1));
        (await Catalog.UpdateUploadAsync(AssetId.New(), u => u, default)).ShouldBeNull();
    }

    [Fact]
    public async Task Of_many_who_append_at_the_same_offset_one_wins()
    {
        var upload = Sample();
        await Catalog.AddUploadAsync(upload, default);
        var pieces = Enumerable.Range(0, 10).Select(n => new UploadPiece(0, n + 1, $"{n:x2}")).ToArray();

        var told = await Task.WhenAll(pieces.Select(piece => Catalog.UpdateUploadAsync(
            upload.Id, u => u.OffsetBytes == 0 && u.Pieces.Count == 0 ? u with { OffsetBytes = piece.End, Pieces = [piece] } : null, default)));

        told.Count(t => t is not null).ShouldBe(1);
        var winner = pieces[Array.FindIndex(told, t => t is not null)];
        var found = (await Catalog.FindUploadAsync(upload.Id, default))!;
        found.Pieces.ShouldBe([winner]);
        found.OffsetBytes.ShouldBe(winner.End);
    }

    [Fact]
    public async Task A_change_that_is_none_leaves_the_row_as_it_is()
    {
        var upload = Sample() with { Metadata = "filename YQ==" };
        await Catalog.AddUploadAsync(upload, default);
        (await Catalog.UpdateUploadAsync(upload.Id, _ => null, default)).ShouldBeNull();
        (await Catalog.FindUploadAsync(upload.Id, default))!.Metadata.ShouldBe(upload.Metadata);
    }

    [Fact]
    public async Task Open_uploads_are_counted_with_their_bytes_and_ended_ones_are_not()
    {
        await Catalog.AddUploadAsync(Sample() with { LengthBytes = 100 }, default);
        await Catalog.AddUploadAsync(Sample() with { LengthBytes = Upload.UnknownLength, OffsetBytes = 7 }, default);
        await Catalog.AddUploadAsync(Sample() with { LengthBytes = 1000, Reason = "refused" }, default);
        await Catalog.AddUploadAsync(Sample() with { LengthBytes = 1000, Asset = AssetId.New() }, default);
        (await Catalog.CountOpenUploadsAsync(default)).ShouldBe((2, 107));
        (await Catalog.OpenUploadsAsync(default)).Select(u => u.Number).ShouldBe([1, 2]);
    }

    [Fact]
    public async Task Parts_belong_to_one_whole_or_to_none()
    {
        var (one, two) = (Sample() with { IsPartial = true }, Sample() with { IsPartial = true });
        await Catalog.AddUploadAsync(one, default);
        await Catalog.AddUploadAsync(two, default);
        var wholes = Enumerable.Range(0, 5).Select(_ => Sample() with { Parts = [one.Id, two.Id] }).ToArray();

        var joined = await Task.WhenAll(wholes.Select(w => Catalog.AddJoinedUploadAsync(w, default)));

        joined.Count(j => j).ShouldBe(1);
        var winner = wholes[Array.IndexOf(joined, true)];
        (await Catalog.FindUploadAsync(one.Id, default))!.Asset.ShouldBe(winner.Id);
        (await Catalog.FindUploadAsync(two.Id, default))!.Asset.ShouldBe(winner.Id);
        (await Catalog.OpenUploadsAsync(default)).Select(u => u.Id).ShouldBe([winner.Id]);

        var third = Sample() with { IsPartial = true };
        await Catalog.AddUploadAsync(third, default);
        (await Catalog.AddJoinedUploadAsync(Sample() with { Parts = [third.Id, two.Id] }, default)).ShouldBeFalse();
        (await Catalog.FindUploadAsync(third.Id, default))!.Asset.ShouldBeNull();
    }

    [Fact]
    public async Task Those_whose_time_is_over_are_found_the_oldest_first_and_can_be_removed()
    {
        var (late, early) = (Sample() with { ExpiresAt = Noon }, Sample() with { ExpiresAt = Noon.AddMinutes(-1) });
        await Catalog.AddUploadAsync(late, default);
        await Catalog.AddUploadAsync(early, default);
        await Catalog.AddUploadAsync(Sample() with { ExpiresAt = Noon.AddTicks(10) }, default);
        (await Catalog.ExpiredUploadsAsync(Noon, 10, default)).Select(u => u.Id).ShouldBe([early.Id, late.Id]);
        (await Catalog.ExpiredUploadsAsync(Noon, 1, default)).Count.ShouldBe(1);

        var whole = Sample() with { OffsetBytes = Sample().LengthBytes, ExpiresAt = Noon.AddMinutes(-5) };
        await Catalog.AddUploadAsync(whole, default);
        (await Catalog.ExpiredUploadsAsync(Noon, 1, default)).Select(u => u.Id).ShouldBe([early.Id], "a whole one is to be finished");
        await Catalog.UpdateUploadAsync(whole.Id, u => u with { IsPartial = true }, default);
        (await Catalog.ExpiredUploadsAsync(Noon, 1, default)).Select(u => u.Id).ShouldBe([whole.Id], "of a part alone nothing becomes");
        await Catalog.UpdateUploadAsync(whole.Id, u => u with { IsPartial = false, Reason = "refused" }, default);
        (await Catalog.ExpiredUploadsAsync(Noon, 1, default)).Select(u => u.Id).ShouldBe([whole.Id], "it has ended");

        (await Catalog.RemoveUploadAsync(early.Id, default)).ShouldBeTrue();
        (await Catalog.RemoveUploadAsync(early.Id, default)).ShouldBeFalse();
    }

    [Fact]
    public async Task Parts_stay_as_long_as_what_is_made_of_them_is_not_finished()
    {
        var part = Sample() with { OffsetBytes = Sample().LengthBytes, IsPartial = true };
        await Catalog.AddUploadAsync(part, default);
        var whole = Sample() with { OffsetBytes = Sample().LengthBytes, Parts = [part.Id], ExpiresAt = Noon.AddMinutes(-1) };
        (await Catalog.AddJoinedUploadAsync(whole, default)).ShouldBeTrue();
        (await Catalog.ExpiredUploadsAsync(Noon, 10, default)).ShouldBeEmpty("the whole is to be finished, with its parts");

        await Catalog.UpdateUploadAsync(whole.Id, u => u with { Asset = whole.Id }, default);
        (await Catalog.ExpiredUploadsAsync(Noon, 10, default)).Select(u => u.Id).ShouldBe([part.Id, whole.Id], ignoreOrder: true);
    }

    [Fact]
    public async Task Uploads_in_chunks_are_listed_the_newest_first()
    {
        var (first, second) = (Sample() with { ChunkCount = 1 }, Sample() with { ChunkCount = 2, Reason = "failed" });
        await Catalog.AddUploadAsync(first, default);
        await Catalog.AddUploadAsync(Sample(), default);
        await Catalog.AddUploadAsync(second, default);
        (await Catalog.ChunkedUploadsAsync(10, default)).Select(u => u.Id).ShouldBe([second.Id, first.Id]);
        (await Catalog.ChunkedUploadsAsync(1, default)).Select(u => u.Id).ShouldBe([second.Id]);
    }

    private static Upload Sample() => new()
    {
        Id = AssetId.New(),
        LengthBytes = 1L << 42,
        CreatedAt = Noon,
        UpdatedAt = Noon.AddMicroseconds(3),
        ExpiresAt = Noon.AddDays(1),
    };
}
