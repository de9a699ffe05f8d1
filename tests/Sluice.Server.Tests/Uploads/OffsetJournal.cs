using System.Text.Json;
using Shouldly;

namespace Sluice.Server.Tests.Uploads;

/// <summary>
/// What a client asked and was answered, line by line (<c>journal.mjs</c>), and what that proves: the server never took back an offset that it
/// had told, and no request to append began anywhere but there. What lies below an offset that was told is so written once: the server refuses
/// bytes for any other place (409).
/// </summary>
internal static class OffsetJournal
{
    /// <summary>Reads the journal, and answers how many bytes were told to be kept at the end, over all uploads.</summary>
    public static long Settle(IEnumerable<string> lines)
    {
        var told = new Dictionary<string, long>(StringComparer.Ordinal);
        var appends = 0;
        foreach (var line in lines)
        {
            using var json = JsonDocument.Parse(line);
            var entry = json.RootElement;
            if (!entry.TryGetProperty("offset", out var number) || number.ValueKind != JsonValueKind.Number)
            {
                continue; // An announcement, or an answer that tells none.
            }

            var (url, offset) = (entry.GetProperty("url").GetString()!, number.GetInt64());
            var before = told.GetValueOrDefault(url);
            if (entry.GetProperty("is").GetString() == "PATCH")
            {
                offset.ShouldBe(before, $"a request appends where the server is: {line}");
                appends++;
            }
            else
            {
                offset.ShouldBeGreaterThanOrEqualTo(before, $"what was told to be kept is kept: {line}");
                told[url] = offset;
            }
        }

        appends.ShouldBeGreaterThan(0);
        return told.Values.Sum();
    }
}
