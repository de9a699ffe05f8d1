using System.Globalization;
using Shouldly;
using Xunit;

namespace Sluice.Media.Tests.Fuzz;

/// <summary>
/// The corpus is replayed, then each target is fuzzed: for two seconds with the same seed each time, so that a change is what fails, or for
/// SLUICE_FUZZ_SECONDS with one that nobody knows (<c>./dev fuzz</c>). SLUICE_FUZZ_TARGET names the one to fuzz, SLUICE_FUZZ_SEED repeats a
/// run. What is not survived goes into the corpus.
/// </summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    public static TheoryData<string> Targets => [.. FuzzTarget.All.Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void The_corpus_is_survived(string target)
    {
        var files = FuzzCorpus.FilesOf(target);
        files.ShouldNotBeEmpty();

        files.Select(f => (File: Path.GetFileName(f), Reason: Fuzzer.Try(Of(target), File.ReadAllBytes(f))))
            .Where(r => r.Reason is not null).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Mutants_are_survived(string target)
    {
        if (Environment.GetEnvironmentVariable("SLUICE_FUZZ_TARGET") is { Length: > 0 } only && only != target)
        {
            FuzzTarget.All.Select(t => t.Name).ShouldContain(only, "no such target: nothing would be fuzzed");
            Assert.Skip($"SLUICE_FUZZ_TARGET is {only}.");
        }

        var seconds = Number("SLUICE_FUZZ_SECONDS");
        var seed = Number("SLUICE_FUZZ_SEED") ?? (seconds is null ? 1 : Environment.TickCount);
        var fuzzer = new Fuzzer(Of(target), FuzzCorpus.SeedsOf(target), seed);

        var failure = fuzzer.Run(TimeSpan.FromSeconds(seconds ?? 2));

        output.WriteLine($"{target}: {fuzzer.Inputs} inputs, seed {seed}");
        if (failure is { } found)
        {
            Assert.Fail($"{target}, seed {seed}, kept as {FuzzCorpus.Keep(target, found.Input)}: {found.Reason}");
        }
    }

    [Fact]
    public void A_target_that_throws_is_found_out()
    {
        var target = new FuzzTarget("none", bytes =>
        {
            if (bytes is [_, 7, ..])
            {
                throw new InvalidOperationException("seven");
            }
        });

        new Fuzzer(target, [[1, 2, 3]], seed: 1).Run(TimeSpan.FromSeconds(20))
            .ShouldNotBeNull().Reason.ShouldContain("seven");
    }

    [Fact]
    public void A_target_that_allocates_without_bound_is_found_out()
    {
        Fuzzer.Try(new FuzzTarget("none", _ => GC.KeepAlive(new byte[100 << 20])), [1]).ShouldNotBeNull().ShouldContain("allocated");
    }

    private static FuzzTarget Of(string name) => FuzzTarget.All.Single(t => t.Name == name);

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.Integer, CultureInfo.InvariantCulture, out var n) ? n : null;
}
