using Sluice.Browser.Tests.Support;
using Xunit;

// One Chromium and a machine of two cores: players that share them starve each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: AssemblyFixture(typeof(BrowserSuite))]
