using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Xunit;

namespace Sluice.Tests;

/// <summary>
/// Compares text with a reviewed file under <c>golden/</c> of the test project that asks. A difference leaves <c>*.received</c> beside
/// the golden file and fails with the lines that differ; <c>UPDATE_GOLDEN=1</c> accepts what was received.
/// </summary>
internal static class Golden
{
    private const int ShownDifferences = 12;

    /// <param name="name">File name under <c>golden/</c>, with folders and extension, e.g. <c>hls/video.m3u8</c>.</param>
    /// <param name="received">What the code under test made.</param>
    public static void Match(string name, string received, [CallerFilePath] string caller = "")
    {
        var path = Path.Combine(ProjectFolderOf(caller), "golden", name.Replace('/', Path.DirectorySeparatorChar));
        var receivedPath = path + ".received";
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, received);
            File.Delete(receivedPath);
            return;
        }

        var golden = File.Exists(path) ? File.ReadAllText(path) : null;
        if (golden == received)
        {
            File.Delete(receivedPath);
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(receivedPath, received);
        Assert.Fail(golden is null
            ? $"golden/{name} does not exist; review {name}.received and run again with UPDATE_GOLDEN=1."
            : $"golden/{name} differs (- golden, + received):\n{Difference(golden, received)}");
    }

    /// <summary>The differing lines between the common head and the common tail, with line numbers.</summary>
    internal static string Difference(string golden, string received)
    {
        string[] old = golden.Split('\n'), now = received.Split('\n');
        var head = old.Zip(now).TakeWhile(static p => p.First == p.Second).Count();
        var most = Math.Min(old.Length, now.Length) - head;
        var tail = old.Reverse().Zip(now.Reverse()).Take(most).TakeWhile(static p => p.First == p.Second).Count();

        var text = new StringBuilder();
        Append(text, '-', old, head, tail);
        Append(text, '+', now, head, tail);
        return text.ToString();
    }

    private static void Append(StringBuilder text, char sign, string[] lines, int head, int tail)
    {
        var count = lines.Length - head - tail;
        for (var i = head; i < head + Math.Min(count, ShownDifferences); i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{sign}{i + 1,5}: {lines[i]}\n");
        }

        if (count > ShownDifferences)
        {
            text.Append(CultureInfo.InvariantCulture, $"{sign}  ... {count - ShownDifferences} lines more\n");
        }
    }

    private static string ProjectFolderOf(string callerFile)
    {
        // With deterministic builds the compiler may map paths, so only the part below tests/ is believed.
        var parts = callerFile.Replace('\\', '/').Split('/');
        var project = parts.Last(static p => p.StartsWith("Sluice.", StringComparison.Ordinal) && p.EndsWith(".Tests", StringComparison.Ordinal));
        return RepositoryRoot.File($"tests/{project}");
    }
}
