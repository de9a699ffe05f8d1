using Sluice.Browser.Tests.Support;
using Xunit;

// One Chromium and a machine of two cores: two tests at once leave it no idle time, more would starve each other's players.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]
[assembly: AssemblyFixture(typeof(BrowserSuite))]
