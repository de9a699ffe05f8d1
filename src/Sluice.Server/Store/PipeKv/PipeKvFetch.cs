using System.Buffers;

namespace Sluice.Server.Store.PipeKv;

/// <summary>Brings one entry from the node. Run again, it goes on where it was.</summary>
internal sealed class PipeKvFetch(PipeKvNode node, PipeKvShelf shelf, PipeKvMisses misses, PipeKvEntry entry)
{
    private const int PieceBytes = 64 << 10;

    private PipeKvFacts? _facts;
    private byte[] _head = [];
    private int _doubts;

    /// <summary>Fetches.</summary>
    /// <returns>Whether there is such a value, and room for it.</returns>
    /// <exception cref="PipeKvException">It cannot be had.</exception>
    public async Task<bool> RunAsync(CancellationToken ct)
    {
        // :: Step 2: fetch
        await using var answer = await node.OpenAsync(entry.Name, _facts?.TakesRanges == true ? entry.ReceivedBytes : 0, ct);
        if (answer is null)
        {
            return _facts is null ? Miss() : throw Another();
        }

        if (_facts is not null && !_facts.IsSame(answer.Facts))
        {
            throw _facts.Version is null
                ? new PipeKvException("The key-value store broke off its answer, and does not tell its values apart.") { MayPass = true }
                : Another();
        }

        var piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            var skip = entry.ReceivedBytes - answer.FromByte;
            if (_facts is null)
            {
                var head = await FillAsync(answer, piece.AsMemory(0, PipeKvContent.HeadBytes), ct);
                if (!TryBegin(answer, piece.AsSpan(0, head)))
                {
                    return false;
                }

                (_facts, skip) = (answer.Facts, 0);
            }

            while (await answer.ReadAsync(piece, ct) is > 0 and var count)
            {
                var known = (int)Math.Min(skip, count);
                skip -= known;
                Append(piece.AsSpan(known, count - known));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }

        // :: Step 4: keep. Where the length was not said, nobody has got a byte until now.
        PipeKvContent.Require(entry.Name, answer.MediaType, _head, entry.ReceivedBytes);
        shelf.Keep(entry);
        return true;
    }

    /// <summary>What is known at the first byte.</summary>
    /// <returns>False when there is no room for the rest.</returns>
    private bool TryBegin(PipeKvAnswer answer, ReadOnlySpan<byte> head)
    {
        // :: Step 3: look
        var facts = answer.Facts;
        PipeKvContent.Require(entry.Name, answer.MediaType, head, facts.LengthBytes);
        if (PipeKvShelf.IsOlderThanBefore(entry, facts))
        {
            Doubt("The key-value store gives an older value than it gave before.");
        }

        entry.NoRoom = !shelf.TryReserve(entry, facts.LengthBytes ?? node.MostBytes);
        if (entry.NoRoom)
        {
            return End(facts);
        }

        _head = head.ToArray();
        entry.Append(head);
        entry.Tell(facts);
        return true;
    }

    /// <summary>There is no such value. That there is no list ends with the first that is published: it is not believed any longer than this time.</summary>
    private bool Miss()
    {
        if (entry.Before is not null)
        {
            Doubt("The key-value store says that it does not have what it gave before.");
        }

        if (entry.Name != PublishedName.Index)
        {
            misses.Note(entry.Name);
        }

        return End(null);
    }

    /// <summary>The node contradicts what it said before, by mistake or since a cache lags behind. It is asked again, and what was kept goes on for a while; then it is
    /// believed: its values may have an end, and a node may begin anew.</summary>
    private void Doubt(string contradiction)
    {
        if (++_doubts < PipeKvRetry.MostTries || !shelf.IsDoubtedLong(entry))
        {
            throw new PipeKvException(contradiction) { MayPass = true, IsStale = true };
        }

        shelf.ForgetBefore(entry);
    }

    /// <summary>There is nothing to keep.</summary>
    private bool End(PipeKvFacts? facts)
    {
        shelf.GiveUp(entry, isStale: false);
        entry.Tell(facts);
        return false;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.IsEmpty)
        {
            entry.Append(bytes);
        }
    }

    private static async Task<int> FillAsync(PipeKvAnswer answer, Memory<byte> destination, CancellationToken ct)
    {
        var filled = 0;
        while (filled < destination.Length && await answer.ReadAsync(destination[filled..], ct) is > 0 and var count)
        {
            filled += count;
        }

        return filled;
    }

    private static PipeKvException Another() => new("The key-value store has another value there now.") { MayPass = false };
}
