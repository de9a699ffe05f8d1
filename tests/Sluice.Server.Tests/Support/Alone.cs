using Xunit;

namespace Sluice.Server.Tests.Support;

/// <summary>Tests that measure what the whole process does: they run when no other test does.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
