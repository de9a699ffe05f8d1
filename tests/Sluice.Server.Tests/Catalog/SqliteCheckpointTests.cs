using Shouldly;
using Sluice.Server.Catalog;
using Xunit;

namespace Sluice.Server.Tests.Catalog;

/// <summary>What moves committed rows from SQLite's log into the file: not the writer whose turn it is.</summary>
public sealed class SqliteCheckpointTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-checkpoints-");

    private string File => Path.Combine(_folder.FullName, "catalog.db");

    [Fact]
    public async Task The_log_is_moved_into_the_file_long_before_a_writer_would_have_to()
    {
        using var catalog = new SqliteCatalog(File);
        await catalog.MigrateAsync(default);
        var moved = 0;
        for (var n = 0; n < 1_000 && moved == 0; n++)
        {
            await catalog.SetSettingAsync("name", $"{n}", default);
            var (log, inFile) = Frames();
            log.ShouldBeLessThan(900); // SQLite's own checkpoint comes with the thousandth
            moved = n > 90 ? inFile : 0;
        }

        moved.ShouldBeGreaterThan(90);
    }

    [Fact]
    public async Task A_catalog_that_is_closed_in_the_middle_of_it_leaves_one_whole_file()
    {
        for (var round = 0; round < 5; round++)
        {
            using (var catalog = new SqliteCatalog(File))
            {
                await catalog.MigrateAsync(default);
                for (var n = 0; n < 100; n++)
                {
                    await catalog.SetSettingAsync($"{round}", $"{n}", default);
                }
            }

            System.IO.File.Exists(File + "-wal").ShouldBeFalse();
        }

        using var later = new SqliteCatalog(File);
        (await later.GetSettingAsync("4", default)).ShouldBe("99");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>How many frames the log has, and how many of them are in the file: <c>mxFrame</c> and <c>nBackfill</c> of the index (sqlite.org/walformat.html section 2.1).</summary>
    private (int Log, int InFile) Frames()
    {
        using var index = new FileStream(File + "-shm", FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Span<byte> header = stackalloc byte[100];
        index.ReadExactly(header);
        return (BitConverter.ToInt32(header[16..]), BitConverter.ToInt32(header[96..]));
    }
}
